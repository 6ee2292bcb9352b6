import { canonicalJson, isObject } from '@flotilla/kernel';
import { z } from 'zod';
import { lookup, namesOf, PairedSet, type ParamSet, paramSet } from '../params/params.js';
import { defineGenerator, type GeneratorContext, MAX_PARAM_SETS, noInputs } from './generator.js';
import { GeneratorError } from './generators.errors.js';
import type { Filler, TemplateMode } from './template-mode.js';

const schema = z.object({ generators: z.array(z.record(z.string(), z.unknown())), template: z.unknown().optional() });
type MatrixSpec = z.infer<typeof schema>;

/**
 * Every pair of the first child's sets with the second's, the first's order outside. The second child may refer to the
 * first's parameters. Source: argo-cd applicationset/generators/matrix.go.
 */
export const matrixGenerator = defineGenerator<MatrixSpec>({
  key: 'matrix',
  schema,
  inputs: (spec) => ({ ...noInputs, children: spec.generators }),
  clusterUse: ({ generators }, [first = 'none', second = 'none']) => {
    if (second === 'none') return first;
    const isForAll = first === 'none' && second === 'each' && !JSON.stringify(generators[1]).includes('{{');
    return isForAll ? 'each' : 'whole';
  },
  generate: async (spec, context) => {
    if (spec.generators.length !== 2) {
      throw new GeneratorError(context.path, `a matrix has exactly 2 generators, and this one has ${spec.generators.length}`);
    }
    if (context.depth > 2) throw new GeneratorError(context.path, 'a matrix may stand in one other matrix, not deeper');
    warnOfUnfilledSelector(spec.generators[1]?.selector, context);
    const first = await context.expandChild(spec.generators[0], 0);
    return pairWithSecond(first, spec.generators[1], context);
  },
});

/** It would compare with the tag itself, and mostly select nothing. */
function warnOfUnfilledSelector(selector: unknown, { path, warn }: GeneratorContext): void {
  if (selector === undefined || !JSON.stringify(selector).includes('{{')) return;
  warn(`${path}.generators[1].selector has a tag, which a matrix does not fill in; put the condition into the generator, or on the matrix`);
}

async function pairWithSecond(first: readonly ParamSet[], second: unknown, context: GeneratorContext): Promise<ParamSet[]> {
  const { mode } = context;
  const filler = secondFiller(second, mode);
  const answers = new Map<string, ParamSet[]>();
  const pairs: ParamSet[] = [];
  const barren: ParamSet[] = [];
  const conflicts = new ConflictCheck(context.path, first);
  for (const left of first) {
    const entry = filler.fill(left);
    const key = filler.hasTags ? canonicalJson(entry) : '';
    const known = filler.seesOuter ? undefined : answers.get(key);
    const rights = known ?? (await context.expandChild(entry, 1, left));
    answers.set(key, rights);
    if (rights.length === 0) {
      barren.push(left);
      context.unmatched?.({ set: left, against: `${context.path}.generators[1]` });
    }
    if (pairs.length + rights.length > MAX_PARAM_SETS) {
      throw new GeneratorError(context.path, `more than ${MAX_PARAM_SETS} combinations`);
    }
    if (!mode.isGo) conflicts.check(left, rights);
    for (const right of rights) pairs.push(new PairedSet(left, right));
  }
  // That none of a part of the clusters is selected says nothing; that a selected one finds no partner does.
  if (context.ports.isPart && pairs.length === 0 && !first.some(({ origins }) => origins.some(({ cluster }) => cluster))) return pairs;
  if (pairs.length === 0) context.warn(`${context.path} produced 0 combinations`);
  else if (barren.length > 0) context.warn(`${context.path}: ${describe(barren)} matched nothing of generators[1]`);
  return pairs;
}

interface SecondFiller extends Filler {
  /** Whether the child's own `values` may refer to the first child's parameters, so that no two answers can be shared. */
  seesOuter: boolean;
}

/**
 * The second child without what a matrix does not fill: its `selector`, as in Argo CD, and its own `template`, which counts for
 * nothing here. Go templates in `values` see the parameters of both children, so the child itself fills them; Argo CD fills
 * them with the first one's alone and loses the rest.
 */
function secondFiller(second: unknown, mode: TemplateMode): SecondFiller {
  if (!isObject(second)) return { ...mode.filler(second), seesOuter: false };
  const aside = new Map<string, Record<string, unknown>>();
  const filled = Object.entries(second).filter(([key]) => key !== 'selector');
  const rest = filled.map(([key, spec]) => {
    if (!isObject(spec)) return [key, spec];
    const kept = (field: string): boolean => field === 'template' || (field === 'values' && mode.isGo);
    const members = Object.entries(spec);
    aside.set(key, Object.fromEntries(members.filter(([field]) => kept(field))));
    return [key, Object.fromEntries(members.filter(([field]) => !kept(field)))];
  });
  const filler = mode.filler(Object.fromEntries(rest));
  const { selector } = second;
  const fill = (set: ParamSet): unknown => {
    const entries = Object.entries(filler.fill(set) as Record<string, unknown>);
    const whole = entries.map(([key, spec]) => [key, isObject(spec) ? { ...spec, ...aside.get(key) } : spec]);
    return { ...Object.fromEntries(whole), ...(selector === undefined ? {} : { selector }) };
  };
  const seesOuter = mode.isGo && [...aside.values()].some(({ values }) => mode.filler(values).hasTags);
  if (filler.hasTags) return { hasTags: true, seesOuter, fill };
  const constant = fill(paramSet({}, { generator: '' }));
  return { hasTags: false, seesOuter, fill: () => constant };
}

/** Only names that a set of the other side has somewhere are compared: mostly none, so that a pair costs nothing. */
class ConflictCheck {
  readonly #path: string;
  readonly #left = new Set<string>();
  readonly #shared = new Map<readonly ParamSet[], { right: ParamSet; names: readonly string[] }[]>();

  constructor(path: string, left: readonly ParamSet[]) {
    this.#path = path;
    for (const set of left) for (const name of namesOf(set)) this.#left.add(name);
  }

  check(left: ParamSet, rights: readonly ParamSet[]): void {
    for (const { right, names } of this.#sharedBy(rights)) this.#compare(left, right, names);
  }

  #compare(left: ParamSet, right: ParamSet, names: readonly string[]): void {
    for (const name of names) {
      const mine = lookup(left, name);
      if (mine === undefined) continue;
      const other = lookup(right, name);
      if (other === mine) continue;
      throw new GeneratorError(
        this.#path,
        `found duplicate key ${name} with different values, ${JSON.stringify(mine)} and ${JSON.stringify(other)}; ` +
          'rename one, give the git generator a pathParamPrefix, or put it under `values`',
        { parameter: name },
      );
    }
  }

  /** Answers of the second child are one array for all sets that it gives the same. */
  #sharedBy(rights: readonly ParamSet[]): { right: ParamSet; names: readonly string[] }[] {
    let shared = this.#shared.get(rights);
    if (!shared) {
      const all = rights.map((right) => ({ right, names: namesOf(right).filter((name) => this.#left.has(name)) }));
      shared = all.filter(({ names }) => names.length > 0);
      this.#shared.set(rights, shared);
    }
    return shared;
  }
}

/** The first few sets that found no partner, by file, cluster or element. */
function describe(sets: readonly ParamSet[]): string {
  const names = sets.slice(0, 10).map((set) => {
    const { file, cluster, element } = set.origins.at(-1)!;
    return file ?? cluster ?? (element === undefined ? namesOf(set).join(',') : `elements[${element}]`);
  });
  return `${names.join(', ')}${sets.length > names.length ? ` and ${sets.length - names.length} more` : ''}`;
}
