import type { Requirement } from '@flotilla/selector';

export interface LabelledCluster {
  name: string;
  labels: Record<string, string>;
}

const ENVIRONMENTS = ['prod', 'staging', 'dev', 'test'];
const TIERS = ['edge', 'core', 'lab'];
const REGIONS = 20;
const TEAMS = 50;

const pick = (values: readonly string[], i: number): string => values[i % values.length]!;
const region = (i: number): string => `region-${i % REGIONS}`;
const team = (i: number): string => `team-${i % TEAMS}`;

/** Clusters as a large fleet labels them: a few coarse labels, some fine ones, one that is different everywhere. */
export function labelledClusters(count: number): LabelledCluster[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `cluster-${String(i).padStart(5, '0')}`,
    labels: {
      fleet: 'bench',
      env: pick(ENVIRONMENTS, i * 7),
      region: region(i * 13 + (i >>> 5)),
      tier: pick(TIERS, i >>> 2),
      team: team(i * 31 + (i >>> 3)),
      minor: String(27 + (i % 8)),
      serial: `s-${i}`,
      ...(i % 9 === 0 ? { legacy: 'true' } : {}),
      ...(i % 40 === 0 ? { canary: '' } : {}),
    },
  }));
}

/** Two to four requirements each, of every operator. */
export function benchSelectors(count: number): Requirement[][] {
  const shapes: ((i: number) => Requirement[])[] = [
    (i) => [equals('env', pick(ENVIRONMENTS, i)), equals('region', region(i >>> 2))],
    (i) => [equals('fleet', 'bench'), isIn('region', [region(i), region(i * 3 + 1), region(i * 7 + 2)]), absent('legacy')],
    (i) => [equals('tier', pick(TIERS, i)), { key: 'team', operator: 'NotIn', values: [team(i), team(i * 5 + 1)] }],
    (i) => [equals('team', team(i)), { key: 'minor', operator: 'Gt', values: [String(27 + (i % 6))] }, absent('legacy')],
    (i) => [
      { key: 'canary', operator: 'Exists', values: [] },
      { key: 'minor', operator: 'Lt', values: [String(30 + (i % 5))] },
    ],
    (i) => [
      equals('fleet', 'bench'),
      equals('env', pick(ENVIRONMENTS, i)),
      isIn('tier', [pick(TIERS, i), pick(TIERS, i + 1)]),
      absent('canary'),
    ],
    (i) => [equals('fleet', 'bench'), equals('serial', `s-${(i * 7919) % 1_000}`)],
    (i) => [{ key: 'team', operator: 'NotIn', values: [team(i)] }, absent('legacy')],
  ];
  return Array.from({ length: count }, (_, i) => shapes[i % shapes.length]!(Math.trunc(i / shapes.length)));
}

const equals = (key: string, value: string): Requirement => isIn(key, [value]);
const isIn = (key: string, values: string[]): Requirement => ({ key, operator: 'In', values });
const absent = (key: string): Requirement => ({ key, operator: 'DoesNotExist', values: [] });
