import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ApplicationSet } from '@flotilla/contracts';
import { isSettled, until } from '@flotilla/demo';
import type { ClusterEntry } from '@flotilla/generators';
import { BenchHub } from '../run/bench-hub.js';
import type { Benchmark, BenchRow } from '../run/benchmark.js';
import { Companion } from '../run/channel.js';
import { median, percentile, verify } from '../run/measure.js';
import { FleetReference } from './fleet-reference.js';
import type { SpokesQuestion, SpokesReport } from './spokes.js';

/** One stage with every cluster: one release for the set, no wait between clusters. */
const POLICY = 'everywhere';
const FILE = 'app/settings.yaml';
const SET = 'fleet';
const POLL_MS = 20;
/** Fewer than the others' five: a round sums a thousand spokes and takes long. */
const ROUNDS = 3;
const PATIENCE_MS = 300_000;
const MIB = 1024 * 1024;

const manifest = (version: string): string =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  version: ${version}\n  text: ${'settings '.repeat(50)}\n`;

interface Round {
  lastMs: number;
  appliedMs: number[];
  referenceMs: number;
  parts: Record<string, number>;
  cpu: Record<string, number>;
}

export const FLEET: Benchmark = {
  id: 'b3',
  title: 'a commit reaches every spoke of a fleet: applied, acknowledged, persisted',
  async run({ quick, directory, say, afterwards }) {
    const count = quick ? 100 : 1_000;
    const home = join(directory, 'b3');
    mkdirSync(home);
    const bench = await BenchHub.start(home, { [FILE]: manifest('v0') });
    afterwards(() => bench.stop());
    const { companion } = await Companion.start(new URL('./spokes.js', import.meta.url), []);
    afterwards(() => companion.stop());
    const reference = new FleetReference({ database: bench.database, count, directory: home });
    afterwards(() => reference.close());
    const seconds = (since: number): string => ((Date.now() - since) / 1000).toFixed(1);
    const joining = Date.now();
    await companion.ask({ verb: 'join', token: await bench.joinToken(count, { fleet: SET }), count } satisfies SpokesQuestion);
    say(`b3: ${count} spokes enrolled in ${seconds(joining)} s`);
    await until(
      'all spokes to be connected',
      async () => {
        const clusters = await bench.fleet.clusters();
        return clusters.length === count && clusters.every(({ status }) => status?.phase === 'Connected');
      },
      PATIENCE_MS,
    );
    say(`b3: all connected ${seconds(joining)} s after the beginning`);
    await bench.applyProject();
    await bench.fleet.apply({
      apiVersion: 'flotilla.dev/v1alpha1',
      kind: 'RolloutPolicy',
      metadata: { name: POLICY, namespace: 'argocd' },
      spec: { stages: [{ name: 'all', percent: 100 }], maxConcurrent: count, maxFailures: 0 },
    });
    await bench.repository.push('first');
    const begun = Date.now();
    await bench.applySet(SET, { clusters: { selector: { matchLabels: { fleet: SET } } } }, application());
    await persisted(bench, count, undefined);
    say(`b3: first release on all ${count} in ${seconds(begun)} s`);
    await reference.open(bench.repository.url);
    return [await contest(bench, companion, reference, { count, rounds: quick ? 3 : ROUNDS })];
  },
};

const application = () => ({ name: 'app-{{name}}', path: 'app', cluster: '{{name}}', namespace: 'default', policy: POLICY });

async function contest(
  bench: BenchHub,
  companion: Companion,
  reference: FleetReference,
  { count, rounds }: { count: number; rounds: number },
): Promise<BenchRow> {
  const set = (await bench.fleet.set(SET)) as unknown as ApplicationSet;
  const clusters: ClusterEntry[] = (await bench.fleet.clusters()).map(({ metadata }) => ({
    name: metadata.name,
    server: '',
    labels: metadata.labels ?? {},
    annotations: {},
  }));
  const results: Round[] = [];
  let lastReport: SpokesReport | undefined;
  for (let round = 0; round <= rounds; round++) {
    const { result, report } = await commit(bench, companion, { version: `v${round + 1}`, count });
    const parts = await reference.measure(set, clusters, round);
    // The first round warms both sides up.
    if (round > 0) results.push({ ...result, parts, referenceMs: Object.values(parts).reduce((a, b) => a + b, 0) });
    lastReport = report;
  }
  await served(bench, count);
  const of = (pick: (round: Round) => number): string => median(results.map(pick)).toFixed(0);
  return {
    key: `b3-${count}`,
    work: `commit and hint -> status of the last of ${count} spokes committed`,
    oursMs: median(results.map(({ lastMs }) => lastMs)),
    reference: 'git fetch + expand + raw unicast + UNNEST',
    referenceMs: median(results.map(({ referenceMs }) => referenceMs)),
    rounds,
    ambition: '10,000 spokes: <= 3 s, ratio <= 3',
    notes: [
      `applied after p50 ${of(({ appliedMs }) => percentile(appliedMs, 0.5))} ms, p99 ${of(({ appliedMs }) => percentile(appliedMs, 0.99))} ms, last ${of(({ appliedMs }) => Math.max(...appliedMs))} ms`,
      `reference: fetch ${of(({ parts }) => parts.fetch!)}, expand ${of(({ parts }) => parts.expand!)}, unicast ${of(({ parts }) => parts.unicast!)}, UNNEST ${of(({ parts }) => parts.unnest!)} ms`,
      `CPU per commit: hub ${of(({ cpu }) => cpu.hub!)}, PostgreSQL ${of(({ cpu }) => cpu.postgres!)}, NATS ${of(({ cpu }) => cpu.nats!)} ms; simulated agents (their own process) ${of(({ cpu }) => cpu.agents!)} ms`,
      `RSS: hub ${bench.rssMiB()} MiB, ${count} agents together ${((lastReport?.rssBytes ?? 0) / MIB).toFixed(0)} MiB`,
      `median of ${rounds} rounds, as they are long`,
      ...(lastReport && lastReport.warnings > 0
        ? [`agents warned ${lastReport.warnings} times, last: ${lastReport.lastWarning.slice(0, 200)}`]
        : []),
    ],
  };
}

async function commit(bench: BenchHub, companion: Companion, { version, count }: { version: string; count: number }) {
  const before = await bundlesInForce(bench);
  await companion.ask({ verb: 'report', version } satisfies SpokesQuestion);
  await bench.repository.edit(FILE, () => manifest(version));
  await bench.repository.push(version);
  const cpuBefore = bench.cpu();
  const startedAt = Date.now();
  await bench.fleet.hint(bench.repository.url);
  await persisted(bench, count, before);
  const lastMs = Date.now() - startedAt;
  const report = await companion.ask<SpokesReport>({ verb: 'report', version } satisfies SpokesQuestion);
  verify(report.appliedAt.length === count, `${report.appliedAt.length} of ${count} spokes applied ${version}`);
  const cpuAfter = bench.cpu();
  const cpu = {
    hub: cpuAfter.hub - cpuBefore.hub,
    postgres: cpuAfter.postgres - cpuBefore.postgres,
    nats: cpuAfter.nats - cpuBefore.nats,
    agents: report.cpuMs,
  };
  return { report, result: { lastMs, appliedMs: report.appliedAt.map((at) => at - startedAt), cpu } };
}

async function bundlesInForce(bench: BenchHub): Promise<string[]> {
  const rows = await bench.database.query<{ bundle: string }>('SELECT DISTINCT bundle FROM orchestrator.app_status');
  return rows.map(({ bundle }) => bundle);
}

/** Waits for committed rows that say Synced and Healthy of another bundle than those before. */
async function persisted(bench: BenchHub, count: number, before: readonly string[] | undefined): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const [row] = await bench.database.query<{ done: string }>(
      `SELECT count(*) AS done FROM orchestrator.app_status WHERE sync = 'Synced' AND health = 'Healthy' AND bundle <> ALL ($1::text[])`,
      [before ?? []],
    );
    if (Number(row!.done) === count) return;
    if (Date.now() > deadline) throw new Error(`${row!.done} of ${count} spokes reported within ${PATIENCE_MS / 1000} s`);
    await delay(POLL_MS);
  }
}

/** What people see agrees in the end. */
async function served(bench: BenchHub, count: number): Promise<void> {
  await until(
    'the applications to be served as settled',
    async () => {
      const applications = await bench.fleet.applications();
      return applications.length === count && applications.every(isSettled);
    },
    60_000,
  );
}
