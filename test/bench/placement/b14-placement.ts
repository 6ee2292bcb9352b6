import { LabelIndex, matchesSelector, type Requirement, SelectorIndex } from '@flotilla/selector';
import type { Benchmark, BenchRow } from '../run/benchmark.js';
import { interleave, timed, verify } from '../run/measure.js';
import { benchSelectors, type LabelledCluster, labelledClusters } from './fleet-labels.js';

const SELECTORS = 1_000;
const SAMPLE_EVERY = 37;
const ROUNDS = 7;
/** One relabelling is too short to time alone. */
const RELABELLED = 200;

/** The floor: bitmaps that are there already, one per requirement of a selector, ANDed and counted; nobody keeps or finds them. */
class BitmapFloor {
  readonly #selectors: Uint32Array[][];
  readonly #selected: Uint32Array;

  constructor(clusters: readonly LabelledCluster[], selectors: readonly Requirement[][]) {
    const bitmaps = new Map<string, Uint32Array>();
    this.#selectors = selectors.map((requirements) =>
      requirements.map((requirement) => {
        const key = JSON.stringify(requirement);
        const bitmap = bitmaps.get(key) ?? bitmapOf(clusters, requirement);
        bitmaps.set(key, bitmap);
        return bitmap;
      }),
    );
    this.#selected = new Uint32Array((clusters.length + 31) >>> 5);
  }

  /** Clusters selected by all selectors together. */
  count(): number {
    let total = 0;
    const selected = this.#selected;
    for (const [first, ...others] of this.#selectors) {
      selected.set(first!);
      for (const other of others) for (let i = 0; i < selected.length; i++) selected[i]! &= other[i]!;
      for (let i = 0; i < selected.length; i++) total += countOf(selected[i]!);
    }
    return total;
  }
}

function bitmapOf(clusters: readonly LabelledCluster[], requirement: Requirement): Uint32Array {
  const bitmap = new Uint32Array((clusters.length + 31) >>> 5);
  for (const [i, { labels }] of clusters.entries()) if (matchesSelector([requirement], labels)) bitmap[i >>> 5]! |= 1 << (i & 31);
  return bitmap;
}

function countOf(word: number): number {
  const pairs = word - ((word >>> 1) & 0x55555555);
  const fours = (pairs & 0x33333333) + ((pairs >>> 2) & 0x33333333);
  return Math.imul((fours + (fours >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}

interface Fleet {
  clusters: LabelledCluster[];
  selectors: Requirement[][];
  members: LabelIndex<string>;
  bySelector: SelectorIndex<number>;
}

function indexFleet(count: number): Fleet {
  const clusters = labelledClusters(count);
  const selectors = benchSelectors(SELECTORS);
  const members = new LabelIndex<string>();
  for (const { name, labels } of clusters) members.put(name, labels, name);
  const bySelector = new SelectorIndex<number>();
  for (const [i, requirements] of selectors.entries()) bySelector.put(i, [requirements]);
  return { clusters, selectors, members, bySelector };
}

/** What moved in every selector when one cluster's labels move: its place in the index, and the selectors it joins or leaves. */
function relabel({ members, bySelector }: Fleet, { name, labels }: LabelledCluster, next: Record<string, string>): number[] {
  members.put(name, next, name);
  const before = bySelector.matching(labels);
  const after = bySelector.matching(next);
  return [...[...before].filter((i) => !after.has(i)), ...[...after].filter((i) => !before.has(i))];
}

const relabelled = ({ labels }: LabelledCluster, i: number): Record<string, string> => ({
  ...labels,
  env: 'moved',
  team: `team-${i % 50}`,
});

function verifyFleet({ clusters, selectors, members }: Fleet, floor: BitmapFloor): number {
  let total = 0;
  for (const [i, requirements] of selectors.entries()) {
    const selected = members.select(requirements);
    total += selected.length;
    if (i % SAMPLE_EVERY !== 0) continue;
    const expected = clusters.filter(({ labels }) => matchesSelector(requirements, labels)).map(({ name }) => name);
    verify(JSON.stringify(selected) === JSON.stringify(expected), `clusters of selector ${JSON.stringify(requirements)}`);
  }
  verify(total === floor.count(), `${total} placements, ${floor.count()} by bitmaps`);
  return total;
}

function verifyRelabelling(fleet: Fleet): void {
  for (const [i, cluster] of fleet.clusters.entries()) {
    if (i % 997 !== 0) continue;
    const next = relabelled(cluster, i);
    const expected = fleet.selectors.flatMap((one, s) => (matchesSelector(one, cluster.labels) !== matchesSelector(one, next) ? [s] : []));
    const moved = relabel(fleet, cluster, next).sort((a, b) => a - b);
    verify(JSON.stringify(moved) === JSON.stringify(expected), `selectors that ${cluster.name} joins or leaves`);
    verify(relabel(fleet, { ...cluster, labels: next }, cluster.labels).length === moved.length, `${cluster.name} goes back`);
  }
}

export const PLACEMENT: Benchmark = {
  id: 'b14',
  title: 'place clusters by selectors, all of them and after one cluster is relabelled',
  async run({ quick }) {
    const fleet = indexFleet(quick ? 1_000 : 10_000);
    const { clusters, selectors, members } = fleet;
    const floor = new BitmapFloor(clusters, selectors);
    const total = verifyFleet(fleet, floor);
    verifyRelabelling(fleet);
    const counting = (count: () => number) => async () => {
      let found = 0;
      const ms = await timed(() => {
        found = count();
      });
      verify(found === total, `${found} of ${total} placements`);
      return ms;
    };
    const times = await interleave(ROUNDS, {
      list: counting(() => selectors.reduce((sum, requirements) => sum + members.select(requirements).length, 0)),
      floor: counting(() => floor.count()),
      decide: counting(() => selectors.reduce((sum, requirements) => sum + members.count(requirements), 0)),
      again: async (round) => {
        const chosen = Array.from({ length: RELABELLED }, (_, i) => clusters[(i * 31 + round) % clusters.length]!);
        const ms = await timed(() => {
          for (const [i, cluster] of chosen.entries()) relabel(fleet, cluster, relabelled(cluster, i));
        });
        for (const [i, cluster] of chosen.entries()) relabel(fleet, { ...cluster, labels: relabelled(cluster, i) }, cluster.labels);
        return ms / RELABELLED;
      },
    });
    verify(members.size === clusters.length, 'every cluster is still there');
    return rowsOf(clusters.length, total, times);
  },
};

function rowsOf(clusters: number, total: number, times: Record<'list' | 'decide' | 'floor' | 'again', number>): BenchRow[] {
  const decisions = clusters * SELECTORS;
  const common = { reference: 'AND and count of bitmaps at hand, all selectors', referenceMs: times.floor, rounds: ROUNDS };
  const rate = (ms: number): string => `${Math.round(decisions / ms / 1000)} million decisions/s`;
  return [
    {
      ...common,
      key: `b14-full-${clusters}`,
      work: `${SELECTORS} selectors over ${clusters} clusters, their names listed in order`,
      oursMs: times.list,
      ambition: '<= 200 ms',
      notes: [`${rate(times.list)}; ${total} placements`],
    },
    {
      ...common,
      key: `b14-decide-${clusters}`,
      work: `the same, decided and counted`,
      oursMs: times.decide,
      ambition: '',
      notes: [rate(times.decide)],
    },
    {
      ...common,
      key: `b14-relabel-${clusters}`,
      work: `one of ${clusters} clusters relabelled, ${SELECTORS} selectors`,
      oursMs: times.again,
      ambition: '<= 2 ms',
      notes: [`${(times.again * 1000).toFixed(0)} us for each of ${RELABELLED} relabellings: index kept, selectors joined and left named`],
    },
  ];
}
