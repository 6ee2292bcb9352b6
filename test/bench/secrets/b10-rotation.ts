import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { newCanary, Search, searchDatabase, searchFiles, tracesOf, until } from '@flotilla/demo';
import type { SpokesQuestion, SpokesReport } from '../fleet/spokes.js';
import { BenchHub } from '../run/bench-hub.js';
import type { Benchmark, BenchRow } from '../run/benchmark.js';
import { Companion } from '../run/channel.js';
import { median, percentile, verify } from '../run/measure.js';
import { RotationReference } from './rotation-reference.js';

const SET = 'fleet';
const POLICY = 'everywhere';
const STORE = 'files';
const NAMESPACE = 'default';
const POLL_MS = 50;
/** A round sums a thousand spokes and more, so there are fewer than the others' five. */
const ROUNDS = 3;
const PATIENCE_MS = 300_000;
const MIB = 1024 * 1024;

/** Of the benchmark's directory: where the provider keeps the value, and nowhere else may it be. */
const PROVIDER = 'provider';
const ASKING = `apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: db}
spec:
  secretStoreRef: {kind: ClusterSecretStore, name: ${STORE}}
  data: [{secretKey: version, remoteRef: {key: db.json, property: password}}]
`;

interface Round {
  lastMs: number;
  /** Until the version of the new value was known. */
  readMs: number;
  appliedMs: number[];
  parts: { seal: number; unicast: number };
  cpu: Record<string, number>;
}

interface Contest {
  bench: BenchHub;
  spokes: Companion;
  reference: RotationReference;
  count: number;
  say: (line: string) => void;
}

export const ROTATION: Benchmark = {
  id: 'b10',
  title: 'a rotated secret reaches every spoke that refers to it: read once, sealed to each, applied, acknowledged',
  async run({ quick, directory, say, afterwards }) {
    const count = quick ? 1_000 : 10_000;
    const home = join(directory, 'b10');
    mkdirSync(join(home, PROVIDER), { recursive: true });
    const values = [newCanary()];
    writeValue(home, values[0]!);
    const bench = await BenchHub.start(home, { 'app/secret.yaml': ASKING }, { FLOTILLA_BROKER_SECRETS_DIR: join(home, PROVIDER) });
    afterwards(() => bench.stop());
    const { companion: spokes } = await Companion.start(new URL('../fleet/spokes.js', import.meta.url), []);
    afterwards(() => spokes.stop());
    const reference = new RotationReference(count);
    afterwards(() => reference.close());
    const contest = { bench, spokes, reference, count, say };
    await release(contest);
    await reference.open();
    const results: Round[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      values.push(newCanary());
      const result = await rotate(contest, values.at(-1)!);
      say(`b10: rotation ${round} on all ${count} in ${(result.lastMs / 1000).toFixed(1)} s`);
      // The first round warms both sides up.
      if (round > 0) results.push(result);
    }
    const searched = await searchEverywhere(bench, values);
    return [rowOf(contest, results, [searched, await lastWords(contest)])];
  },
};

function writeValue(home: string, password: string): void {
  const path = join(home, PROVIDER, 'db.json');
  writeFileSync(`${path}.new`, JSON.stringify({ password }), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Every spoke runs the application and has said that it has the first value. */
async function release({ bench, spokes, count, say }: Contest): Promise<void> {
  const begun = Date.now();
  const seconds = (): string => ((Date.now() - begun) / 1000).toFixed(1);
  await spokes.ask({ verb: 'join', token: await bench.joinToken(count, { fleet: SET }), count } satisfies SpokesQuestion);
  say(`b10: ${count} spokes enrolled in ${seconds()} s`);
  await until(
    'all spokes to be connected',
    async () => {
      const clusters = await bench.fleet.clusters();
      return clusters.length === count && clusters.every(({ status }) => status?.phase === 'Connected');
    },
    PATIENCE_MS,
  );
  await bench.applyProject();
  await bench.fleet.apply({
    apiVersion: 'external-secrets.io/v1',
    kind: 'ClusterSecretStore',
    metadata: { name: STORE },
    spec: { provider: { file: {} } },
  });
  await bench.fleet.apply({
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'RolloutPolicy',
    metadata: { name: POLICY, namespace: 'argocd' },
    spec: { stages: [{ name: 'all', percent: 100 }], maxConcurrent: count, maxFailures: 0 },
  });
  await bench.repository.push('first');
  const application = { name: 'app-{{name}}', path: 'app', cluster: '{{name}}', namespace: NAMESPACE, policy: POLICY };
  await bench.applySet(SET, { clusters: { selector: { matchLabels: { fleet: SET } } } }, application);
  await acknowledged(bench, count, undefined);
  say(`b10: every spoke has the first value ${seconds()} s after the beginning`);
}

async function rotate({ bench, spokes, reference, count }: Contest, value: string): Promise<Round> {
  const before = await versionOf(bench);
  await spokes.ask({ verb: 'report', version: value } satisfies SpokesQuestion);
  const cpuBefore = bench.cpu();
  writeValue(bench.directory, value);
  const startedAt = Date.now();
  await bench.hub.client.request('POST', '/v1/secrets/rotate', { body: { store: `ClusterSecretStore/${STORE}` } });
  const readAt = await acknowledged(bench, count, before);
  const lastMs = Date.now() - startedAt;
  const { appliedAt, cpuMs } = await spokes.ask<SpokesReport>({ verb: 'report', version: value } satisfies SpokesQuestion);
  verify(appliedAt.length === count, `${appliedAt.length} of ${count} spokes wrote the new value`);
  const cpuAfter = bench.cpu();
  const cpu = {
    hub: cpuAfter.hub - cpuBefore.hub,
    postgres: cpuAfter.postgres - cpuBefore.postgres,
    nats: cpuAfter.nats - cpuBefore.nats,
    agents: cpuMs,
  };
  const parts = await reference.measure(Buffer.from(secretText(value)));
  return { lastMs, readMs: readAt - startedAt, appliedMs: appliedAt.map((at) => at - startedAt), parts, cpu };
}

/** What the broker seals to a spoke: the Secret to write. */
function secretText(value: string): string {
  const data = { version: Buffer.from(value).toString('base64') };
  return JSON.stringify({ apiVersion: 'v1', data, kind: 'Secret', metadata: { name: 'db', namespace: NAMESPACE }, type: 'Opaque' });
}

/** Of the one SecretGrant that serves the whole fleet; undefined before its value was read. */
async function versionOf({ database }: BenchHub): Promise<string | undefined> {
  const rows = await database.query<{ version: string | null }>('SELECT version FROM orchestrator.secret_sources');
  verify(rows.length <= 1, `one SecretGrant for the whole fleet, not ${rows.length}`);
  return rows[0]?.version ?? undefined;
}

/** Waits for another version than that, and for a committed receipt of it from every spoke; answers when the version was there. */
async function acknowledged(bench: BenchHub, count: number, before: string | undefined): Promise<number> {
  const deadline = Date.now() + PATIENCE_MS;
  let version = before;
  let readAt = 0;
  for (let done = 0; done < count; await delay(POLL_MS)) {
    if (Date.now() > deadline) throw new Error(`${done} of ${count} spokes acknowledged within ${PATIENCE_MS / 1000} s`);
    if (version === before) {
      version = await versionOf(bench);
      readAt = Date.now();
      continue;
    }
    const [row] = await bench.database.query<{ done: string }>(
      'SELECT count(*) AS done FROM orchestrator.secret_receipts WHERE done AND version = $1',
      [version],
    );
    done = Number(row!.done);
  }
  return readAt;
}

/** Every value, in whatever form, in every row of PostgreSQL and every file of the hub, NATS, Git and all logs. */
async function searchEverywhere(bench: BenchHub, values: readonly string[]): Promise<string> {
  const search = new Search(values.flatMap((value, i) => tracesOf(`value ${i}`, value)));
  const { tables, rows } = await searchDatabase(search, bench.database);
  const files = (await searchFiles(search, bench.directory)).length;
  const provider = `${PROVIDER}/db.json`;
  const places = search.findings.map(({ place }) => place);
  verify(places.includes(provider), 'the search finds the value where the provider keeps it');
  const leaks = places.filter((place) => place !== provider);
  verify(leaks.length === 0, `values are in ${leaks.join(', ')}`);
  return `${values.length} values searched for in ${rows} rows of ${tables} tables and ${files} files (hub, PostgreSQL, NATS, logs; ${Math.round(search.bytes / MIB)} MiB): found in the provider's own file only`;
}

async function lastWords({ bench, spokes, count }: Contest): Promise<string> {
  const { rssBytes, warnings, lastWarning } = await spokes.ask<SpokesReport>({ verb: 'report', version: '' } satisfies SpokesQuestion);
  const warned = warnings > 0 ? `; agents warned ${warnings} times, last: ${lastWarning.slice(0, 200)}` : '';
  return `RSS: hub ${bench.rssMiB()} MiB, ${count} agents together ${(rssBytes / MIB).toFixed(0)} MiB${warned}`;
}

function rowOf({ count }: Contest, results: readonly Round[], notes: readonly string[]): BenchRow {
  const of = (pick: (round: Round) => number): string => median(results.map(pick)).toFixed(0);
  const lastMs = median(results.map((round) => round.lastMs));
  return {
    key: `b10-${count}`,
    work: `value changed and rotated -> receipt of the last of ${count} spokes committed`,
    oursMs: lastMs,
    reference: 'AES-256-GCM + ed25519 per spoke + raw unicast',
    referenceMs: median(results.map(({ parts }) => parts.seal + parts.unicast)),
    rounds: results.length,
    ambition: '10,000 spokes: <= 5 s, ratio <= 3',
    notes: [
      `${Math.round(count / (lastMs / 1000))} spokes/s; read and its version known after ${of(({ readMs }) => readMs)} ms; applied after p50 ${of(({ appliedMs }) => percentile(appliedMs, 0.5))} ms, p99 ${of(({ appliedMs }) => percentile(appliedMs, 0.99))} ms, last ${of(({ appliedMs }) => Math.max(...appliedMs))} ms`,
      `reference: seal and sign ${of(({ parts }) => parts.seal)}, unicast ${of(({ parts }) => parts.unicast)} ms`,
      `CPU per rotation: hub ${of(({ cpu }) => cpu.hub!)}, PostgreSQL ${of(({ cpu }) => cpu.postgres!)}, NATS ${of(({ cpu }) => cpu.nats!)} ms; simulated agents (their own process) ${of(({ cpu }) => cpu.agents!)} ms`,
      ...notes,
    ],
  };
}
