import type { ApplicationSet, ResourceDocument } from '@flotilla/contracts';
import { isObject, jsonEqual } from '@flotilla/kernel';
import { compilePathExpression, deletePaths, type PathExpression, PathExpressionError } from '@flotilla/kube';
import { copyAt, plainPathPointer, readPointer } from './json-pointer.js';

type Document = Record<string, unknown>;

interface IgnoreRule {
  name: string | undefined;
  pointers: readonly (readonly string[])[];
  expressions: readonly PathExpression[];
}

/** Compiled once for all applications of a set. */
const compiled = new WeakMap<ApplicationSet, readonly IgnoreRule[]>();

/**
 * Makes `wanted` keep what the stored application has in the fields that `spec.ignoreApplicationDifferences` names, also when that
 * is nothing. Expressions are read as `ignoreDifferences` of an Application reads them. Source: argo-cd
 * applicationset/utils/createOrUpdate.go, which takes both documents without those fields, and lays what differs then over the
 * stored one: a list that differs elsewhere is the generated one, whole.
 */
export function keepIgnored(wanted: ResourceDocument, existing: ResourceDocument, set: ApplicationSet): void {
  const rules = rulesOf(set).filter(({ name }) => !name || name === existing.metadata.name);
  for (const { pointers } of rules) for (const pointer of pointers) copyAt(pointer, existing, wanted);
  const expressions = rules.flatMap((rule) => rule.expressions);
  if (expressions.length === 0) return;
  const without = (document: ResourceDocument): ResourceDocument =>
    deletePaths(
      document,
      expressions.flatMap((expression) => expression.paths(document)),
    );
  const kept = lay(wanted, { was: without(existing), will: without(wanted), existing });
  wanted.spec = kept.spec;
  const { labels, annotations, finalizers } = (kept.metadata ?? {}) as ResourceDocument['metadata'];
  Object.assign(wanted.metadata, { labels, annotations, finalizers });
}

function rulesOf(set: ApplicationSet): readonly IgnoreRule[] {
  const known = compiled.get(set);
  if (known) return known;
  const rules = (set.spec.ignoreApplicationDifferences ?? []).map(({ name, jsonPointers = [], jqPathExpressions = [] }) => {
    const plain = jqPathExpressions.map(plainPathPointer);
    return {
      name,
      pointers: [...jsonPointers, ...plain.filter((pointer) => pointer !== undefined)].map(readPointer),
      expressions: jqPathExpressions.filter((_, i) => plain[i] === undefined).flatMap(compile),
    };
  });
  compiled.set(set, rules);
  return rules;
}

/** Admission refuses what cannot be read; one that got past it ignores nothing. */
function compile(text: string): PathExpression[] {
  try {
    return [compilePathExpression(text)];
  } catch (error) {
    if (error instanceof PathExpressionError) return [];
    throw error;
  }
}

/** The wanted map, with everything that is equal without the ignored fields as it is stored. */
function lay(wanted: Document, { was, will, existing }: { was: Document; will: Document; existing: Document }): Document {
  const result = new Map<string, unknown>();
  for (const key of new Set([...Object.keys(wanted), ...Object.keys(existing)])) {
    const [own, stored, before, after] = [wanted, existing, was, will].map((map) => (Object.hasOwn(map, key) ? map[key] : undefined));
    const isMap = isObject(own) && isObject(stored) && isObject(before) && isObject(after);
    const value = jsonEqual(before, after) ? stored : isMap ? lay(own, { was: before, will: after, existing: stored }) : own;
    if (value !== undefined) result.set(key, value);
  }
  return Object.fromEntries(result);
}
