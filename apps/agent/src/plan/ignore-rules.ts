import type { IgnoreDifference } from '@flotilla/contracts';
import { messageOf } from '@flotilla/kernel';
import {
  compilePathExpression,
  deletePaths,
  type FieldSet,
  type JsonPath,
  type KubeObject,
  leafPaths,
  type PathExpression,
  subsetDiff,
} from '@flotilla/kube';

/** What of one object's difference counts for nothing. */
export interface IgnoreRules {
  pointers: string[];
  expressions: PathExpression[];
  managers: string[];
}

/** The ignoreDifferences that mean an object: group and kind are globs, name and namespace literal, as in Argo CD. */
export function ignoreRulesFor(
  rules: readonly IgnoreDifference[] | undefined,
  object: { group: string; kind: string; namespace: string; name: string },
): IgnoreRules | undefined {
  const matching = (rules ?? []).filter(
    (rule) =>
      matches(rule.group ?? '', object.group) &&
      matches(rule.kind, object.kind) &&
      (!rule.name || rule.name === object.name) &&
      (!rule.namespace || rule.namespace === object.namespace),
  );
  if (matching.length === 0) return undefined;
  return {
    pointers: matching.flatMap((rule) => rule.jsonPointers ?? []),
    expressions: matching.flatMap((rule) => (rule.jqPathExpressions ?? []).flatMap((path) => compiled(path).expression ?? [])),
    managers: matching.flatMap((rule) => rule.managedFieldsManagers ?? []),
  };
}

/** jq expressions that cannot be understood, each with the cause; they are named in a condition and not in force. */
export function unreadablePaths(rules: readonly IgnoreDifference[] | undefined): string[] {
  return (rules ?? []).flatMap((rule) => (rule.jqPathExpressions ?? []).flatMap((path) => compiled(path).problem ?? []));
}

function compiled(path: string): { expression?: PathExpression; problem?: string } {
  try {
    return { expression: compilePathExpression(path) };
  } catch (error) {
    return { problem: messageOf(error) };
  }
}

/** Whether the live object says all that is desired, leaving out what the rules ignore: from both sides, as Argo CD does. */
export function isSameBut(rules: IgnoreRules | undefined, desired: KubeObject, live: KubeObject): boolean {
  if (!rules) return subsetDiff(desired, live).length === 0;
  const without = (object: KubeObject): KubeObject => deletePaths(object, expressionPaths(rules, object));
  return subsetDiff(without(desired), without(live), managedPointers(rules, live)).length === 0;
}

/** Every place of the live object that the rules leave to others. */
export function ignoredPaths(rules: IgnoreRules, live: KubeObject): JsonPath[] {
  return [...managedPointers(rules, live).map(readPointer), ...expressionPaths(rules, live)];
}

const expressionPaths = ({ expressions }: IgnoreRules, object: KubeObject): JsonPath[] => expressions.flatMap((e) => e.paths(object));

/** Numbers stay text: whether a part is an index, only the object says. */
function readPointer(pointer: string): string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** Pointers of everything the ignored managers own now, besides the named ones. */
function managedPointers(rules: IgnoreRules, live: KubeObject): string[] {
  const owned = (live.metadata.managedFields ?? [])
    .filter(({ manager }) => rules.managers.includes(manager ?? ''))
    .flatMap(({ fieldsV1 }) => leafPaths((fieldsV1 ?? {}) as FieldSet))
    .filter((path) => path.split('\0').every((part) => part.startsWith('f:')))
    .map((path) =>
      path
        .split('\0')
        .map((part) => `/${part.slice(2).replaceAll('~', '~0').replaceAll('/', '~1')}`)
        .join(''),
    );
  return [...rules.pointers, ...owned];
}

/** Argo CD's glob: `*` and `?` alone. The pattern is walked, never compiled: a rule is a user's text. */
function matches(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] === '*') return matches(pattern.slice(1), text) || (text !== '' && matches(pattern, text.slice(1)));
  return text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && matches(pattern.slice(1), text.slice(1));
}
