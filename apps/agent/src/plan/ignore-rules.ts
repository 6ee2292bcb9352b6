import type { IgnoreDifference } from '@flotilla/contracts';
import { type FieldSet, type KubeObject, leafPaths } from '@flotilla/kube';

/** What of one object's difference counts for nothing. */
export interface IgnoreRules {
  pointers: string[];
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
    pointers: matching.flatMap((rule) => [
      ...(rule.jsonPointers ?? []),
      ...(rule.jqPathExpressions ?? []).flatMap((path) => plainPointer(path) ?? []),
    ]),
    managers: matching.flatMap((rule) => rule.managedFieldsManagers ?? []),
  };
}

/** jq paths that are more than member names (`.spec.replicas`); they are named in a condition and not in force. */
export function unreadablePaths(rules: readonly IgnoreDifference[] | undefined): string[] {
  return (rules ?? []).flatMap((rule) => (rule.jqPathExpressions ?? []).filter((path) => plainPointer(path) === undefined));
}

/** Pointers of everything the ignored managers own now, besides the named ones. */
export function ignoredPointers(rules: IgnoreRules, live: KubeObject): string[] {
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

function plainPointer(path: string): string | undefined {
  return /^(\.[A-Za-z0-9_-]+)+$/.test(path.trim()) ? path.trim().replaceAll('.', '/') : undefined;
}

/** Argo CD's glob: `*` and `?` alone. The pattern is walked, never compiled: a rule is a user's text. */
function matches(pattern: string, text: string): boolean {
  if (pattern === '') return text === '';
  if (pattern[0] === '*') return matches(pattern.slice(1), text) || (text !== '' && matches(pattern, text.slice(1)));
  return text !== '' && (pattern[0] === '?' || pattern[0] === text[0]) && matches(pattern.slice(1), text.slice(1));
}
