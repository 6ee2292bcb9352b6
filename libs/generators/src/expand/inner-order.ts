import { PairedSet, type ParamSet } from '../params/params.js';
import type { Rendered } from './rendered.js';

/** Pairs per inner set that make it worth while to take them by it. */
const MIN_PAIRS = 32;

/** Pairs whose halves stay at hand while they are written. */
const CHUNK = 4096;

/** Pairs of a matrix by their inner sets. */
interface InnerGroups {
  /** The group of each pair. */
  readonly groupOf: Int32Array;
  readonly sizes: readonly number[];
}

/**
 * Renders sets in their order, or pairs by their inner ones: names such as `<directory>-<cluster>` come out sorted that way, and
 * what is known of the inner one serves all its pairs.
 */
export function renderByInner(sets: readonly ParamSet[], render: (set: ParamSet) => Rendered): Rendered[] {
  const groups = groupByInner(sets);
  if (!groups) return sets.map(render);
  const grouped = mapByGroup(groups, (place) => render(sets[place]!));
  const falls = countFalls(grouped, grouped.length);
  if (falls === 0) return grouped;
  const ungrouped = ungroup(groups, grouped);
  return countFalls(ungrouped, falls) <= falls ? ungrouped : grouped;
}

/** Undefined for sets that are no pairs, or share too few inner ones. */
function groupByInner(sets: readonly ParamSet[]): InnerGroups | undefined {
  const groups = new Map<ParamSet, number>();
  const sizes: number[] = [];
  const groupOf = new Int32Array(sets.length);
  for (let i = 0; i < sets.length; i++) {
    const set = sets[i]!;
    if (!(set instanceof PairedSet)) return undefined;
    let group = groups.get(set.right);
    if (group === undefined) {
      group = sizes.push(0) - 1;
      if (sizes.length * MIN_PAIRS > sets.length) return undefined;
      groups.set(set.right, group);
    }
    groupOf[i] = group;
    sizes[group]!++;
  }
  return { groupOf, sizes };
}

/** Members keep their order within a group. The pairs are visited so that neither half of them is away for long. */
function mapByGroup<T>({ groupOf, sizes }: InnerGroups, map: (place: number) => T): T[] {
  const next = startsOf(sizes);
  const mapped = new Array<T>(groupOf.length);
  for (let start = 0; start < groupOf.length; start += CHUNK) {
    const chunk = groupOf.subarray(start, start + CHUNK);
    for (const place of sortedPlaces(chunk, sizes.length)) mapped[next[chunk[place]!]!++] = map(start + place);
  }
  return mapped;
}

function sortedPlaces(chunk: Int32Array, groups: number): Int32Array {
  const sizes = new Array<number>(groups).fill(0);
  for (const group of chunk) sizes[group]!++;
  const next = startsOf(sizes);
  const places = new Int32Array(chunk.length);
  for (let i = 0; i < chunk.length; i++) places[next[chunk[i]!]!++] = i;
  return places;
}

function startsOf(sizes: readonly number[]): number[] {
  let start = 0;
  return sizes.map((size) => {
    start += size;
    return start - size;
  });
}

/** The other way round: what `mapByGroup` gave, in the order of the pairs. */
function ungroup<T>({ groupOf, sizes }: InnerGroups, grouped: readonly T[]): T[] {
  const next = startsOf(sizes);
  return Array.from(groupOf, (group) => grouped[next[group]!++]!);
}

/** How often a name is not greater than the one before it; counted to one more than `most`. */
export function countFalls(rendered: readonly Rendered[], most: number): number {
  let falls = 0;
  let last = rendered[0]?.name;
  for (let i = 1; i < rendered.length && falls <= most; i++) {
    const { name } = rendered[i]!;
    if (name <= last!) falls++;
    last = name;
  }
  return falls;
}
