import { canonicalJson } from '@flotilla/kernel';
import { z } from 'zod';
import { lookup, mergedParams, type ParamSet } from '../params/params.js';
import { dataOf, deepMerge } from '../params/structured-params.js';
import { defineGenerator, type GeneratorContext, noInputs } from './generator.js';
import { GeneratorError } from './generators.errors.js';

const schema = z.object({
  generators: z.array(z.record(z.string(), z.unknown())),
  mergeKeys: z.array(z.string()),
  template: z.unknown().optional(),
});
type MergeSpec = z.infer<typeof schema>;

/**
 * The first child's sets, each overridden by the sets of the later children that have the same values under `mergeKeys`; an
 * empty value overrides too. Sets that only a later child has are left out, with a warning. Source: argo-cd
 * applicationset/generators/merge.go.
 */
export const mergeGenerator = defineGenerator<MergeSpec>({
  key: 'merge',
  schema,
  inputs: (spec) => ({ ...noInputs, children: spec.generators }),
  generate: async (spec, context) => {
    const { path } = context;
    if (spec.generators.length < 2) {
      throw new GeneratorError(path, `a merge has at least 2 generators, and this one has ${spec.generators.length}`);
    }
    if (spec.mergeKeys.length === 0) throw new GeneratorError(path, 'mergeKeys names no parameter to tell the sets apart by');
    if (context.depth > 2) throw new GeneratorError(path, 'a merge may stand in one other generator, not deeper');
    const keys = [...new Set(spec.mergeKeys)];
    const [base = [], ...overrides] = await expandChildren(spec, context);
    const merged = byKey(base, keys, `${path}.generators[0]`);
    for (const [i, sets] of overrides.entries()) override(merged, byKey(sets, keys, `${path}.generators[${i + 1}]`), i + 1, context);
    return [...merged.values()];
  },
});

async function expandChildren(spec: MergeSpec, context: GeneratorContext): Promise<ParamSet[][]> {
  const children: ParamSet[][] = [];
  for (const [i, entry] of spec.generators.entries()) children.push(await context.expandChild(entry, i));
  return children;
}

/** A set that lacks a key counts as one with `null` there. */
function byKey(sets: readonly ParamSet[], keys: readonly string[], path: string): Map<string, ParamSet> {
  const found = new Map<string, ParamSet>();
  for (const set of sets) {
    const values = Object.fromEntries(keys.map((key) => [key, lookup(set, key) ?? null]));
    const key = canonicalJson(values);
    if (found.has(key)) {
      throw new GeneratorError(path, `two parameter sets have ${key}; mergeKeys must tell the sets of every generator apart`, { values });
    }
    found.set(key, set);
  }
  return found;
}

function override(
  merged: Map<string, ParamSet>,
  sets: ReadonlyMap<string, ParamSet>,
  index: number,
  { path, warn, mode, unmatched }: GeneratorContext,
): void {
  const idle: string[] = [];
  for (const [key, set] of sets) {
    const base = merged.get(key);
    if (base === undefined) {
      idle.push(key);
      unmatched?.({ set, against: `${path}.generators[0]` });
    } else {
      const params = mode.isGo ? deepMerge(dataOf(set), dataOf(base)) : { ...mergedParams(base), ...mergedParams(set) };
      merged.set(key, { layers: [params], origins: [...base.origins, ...set.origins], merged: { over: set, under: base } });
    }
  }
  if (idle.length === 0) return;
  const shown = `${idle.slice(0, 5).join(', ')}${idle.length > 5 ? ` and ${idle.length - 5} more` : ''}`;
  warn(`${path}.generators[${index}]: ${shown} matched nothing of generators[0] and is left out`);
}
