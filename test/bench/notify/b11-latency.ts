import { join } from 'node:path';
import type { Benchmark, BenchRow } from '../run/benchmark.js';
import { Companion } from '../run/channel.js';
import { median, percentile, verify } from '../run/measure.js';
import { ServiceStage } from '../run/service-stage.js';
import { CountingSink } from './counting-sink.js';
import { createApplications, readMessages, subscribe } from './notifications.js';
import type { PosterQuestion, PosterReport } from './poster.js';

const IDLE_EVENTS = 20;
const IDLE_ROUNDS = 5;
/** A burst is minutes of work for a full run, so fewer rounds than the others' five. */
const BURST_ROUNDS = 3;
/** Events committed together, as a release commits what a page of clusters said. */
const BATCH = 100;
/** Messages that the notifier has in hand at once; the reference gets the same number of connections. */
const IN_HAND = 32;
const AMBITION = 'p50 <= 50 ms, p99 <= 500 ms; 0 lost, 0 twice';

interface Stage {
  service: ServiceStage;
  sink: CountingSink;
  poster: Companion;
}

interface Round {
  /** From just before each event's commit to its POST. */
  latenciesMs: number[];
  /** From each event's commit to its POST: what is left when the commit's own time is taken away. */
  committedMs: number[];
  wallMs: number;
  referenceMs: number[];
  referenceWallMs: number;
}

export const NOTIFICATIONS: Benchmark = {
  id: 'b11',
  title: 'an event becomes a POST at a webhook, alone and among thousands',
  async run({ quick, directory, say, afterwards }) {
    const sink = await CountingSink.start();
    afterwards(() => sink.close());
    const settings = { FLOTILLA_NOTIFIER_ALLOW_ADDRESSES: '127.0.0.1/32', FLOTILLA_LOG_LEVEL: 'warn' };
    const service = await ServiceStage.start({ directory: join(directory, 'b11'), service: 'notifier', self: 'gateway', settings });
    afterwards(() => service.stop());
    const { companion: poster } = await Companion.start(new URL('./poster.js', import.meta.url), []);
    afterwards(() => poster.stop());
    await subscribe(service, sink.url);
    const stage = { service, sink, poster };
    const count = quick ? 1_000 : 10_000;
    const idle = await contest(stage, { rounds: IDLE_ROUNDS, measure: (round) => measureIdle(stage, `idle-${round}`) });
    say(`b11: ${IDLE_ROUNDS} rounds of ${IDLE_EVENTS} single events done`);
    const burst = await contest(stage, { rounds: BURST_ROUNDS, measure: (round) => measureBurst(stage, `burst-${round}`, count) });
    const total = (IDLE_ROUNDS + 1) * IDLE_EVENTS + (BURST_ROUNDS + 1) * count;
    const told = await judge(stage, total);
    return [idleRow(idle, told), burstRow(burst, count, told)];
  },
};

/** One uncounted round first; reference and ours take turns. */
async function contest(
  { sink, poster }: Stage,
  { rounds, measure }: { rounds: number; measure: (round: number) => Promise<Omit<Round, 'referenceMs' | 'referenceWallMs'>> },
): Promise<Round[]> {
  const results: Round[] = [];
  for (let round = 0; round <= rounds; round++) {
    const ours = await measure(round);
    const concurrency = ours.latenciesMs.length > IDLE_EVENTS ? IN_HAND : 1;
    const question: PosterQuestion = { url: sink.referenceUrl, body: sink.lastBody, count: ours.latenciesMs.length, concurrency };
    const { latenciesMs, wallMs } = await poster.ask<PosterReport>(question);
    verify(latenciesMs.length === ours.latenciesMs.length, `${latenciesMs.length} bare POSTs were answered`);
    if (round > 0) results.push({ ...ours, referenceMs: latenciesMs, referenceWallMs: wallMs });
  }
  return results;
}

/** Each event waits for the POST of the one before it. */
async function measureIdle({ service, sink }: Stage, prefix: string) {
  const latenciesMs: number[] = [];
  const committedMs: number[] = [];
  const begun = performance.now();
  for (let i = 0; i < IDLE_EVENTS; i++) {
    const name = `${prefix}-${i}`;
    const from = performance.now();
    const arrived = sink.expect([name]);
    await createApplications(service, [name]);
    const committed = performance.now();
    await arrived;
    latenciesMs.push(sink.arrivedAt(name) - from);
    committedMs.push(Math.max(0, sink.arrivedAt(name) - committed));
  }
  return { latenciesMs, committedMs, wallMs: performance.now() - begun };
}

/** All events as fast as they can be committed. */
async function measureBurst({ service, sink }: Stage, prefix: string, count: number) {
  const names = Array.from({ length: count }, (_, i) => `${prefix}-${i}`);
  const arrived = sink.expect(names);
  const begun = performance.now();
  const from = new Map<string, number>();
  const committed = new Map<string, number>();
  for (let i = 0; i < count; i += BATCH) {
    const batch = names.slice(i, i + BATCH);
    const at = performance.now();
    for (const name of batch) from.set(name, at);
    await createApplications(service, batch);
    for (const name of batch) committed.set(name, performance.now());
  }
  await arrived;
  const wallMs = performance.now() - begun;
  const since = (times: ReadonlyMap<string, number>) => names.map((name) => Math.max(0, sink.arrivedAt(name) - times.get(name)!));
  return { latenciesMs: since(from), committedMs: since(committed), wallMs };
}

/** Nothing lost, nothing twice, by what arrived and by the notifier's own receipts. */
async function judge({ service, sink }: Stage, total: number): Promise<string> {
  await sink.quiet(() => allSent(service, total));
  verify(sink.arrivals === total, `${sink.arrivals} POSTs for ${total} events`);
  verify(sink.keys === total, `${sink.keys} idempotency keys for ${total} events`);
  const messages = await readMessages(service);
  const again = messages.filter(({ attempts, may_be_duplicate }) => attempts !== 1 || may_be_duplicate).length;
  verify(again === 0, `${again} messages took more than one attempt`);
  return `${total} events, ${sink.arrivals} POSTs under ${sink.keys} idempotency keys: 0 lost, 0 twice, 0 second attempts`;
}

async function allSent(service: ServiceStage, total: number): Promise<boolean> {
  const messages = await readMessages(service);
  return messages.length === total && messages.every(({ state }) => state === 'sent');
}

const shares = (values: readonly number[]): string =>
  `p50 ${percentile(values, 0.5).toFixed(1)} ms, p99 ${percentile(values, 0.99).toFixed(1)} ms`;

function idleRow(rounds: readonly Round[], told: string): BenchRow {
  const all = rounds.flatMap(({ latenciesMs }) => latenciesMs);
  return {
    key: 'b11-idle',
    work: 'one event committed -> its POST at a loopback webhook (median)',
    oursMs: median(rounds.map(({ latenciesMs }) => median(latenciesMs))),
    reference: 'bare loopback POST of the same body, answered',
    referenceMs: median(rounds.map(({ referenceMs }) => median(referenceMs))),
    rounds: rounds.length,
    ambition: AMBITION,
    notes: [
      `event to POST ${shares(all)}, of it after the commit ${shares(rounds.flatMap(({ committedMs }) => committedMs))}`,
      `bare POST ${shares(rounds.flatMap(({ referenceMs }) => referenceMs))}`,
      told,
    ],
  };
}

function burstRow(rounds: readonly Round[], count: number, told: string): BenchRow {
  const oursMs = median(rounds.map(({ wallMs }) => wallMs));
  const all = rounds.flatMap(({ latenciesMs }) => latenciesMs);
  return {
    key: `b11-burst-${count}`,
    work: `${count} events committed at once -> the last POST at the webhook`,
    oursMs,
    reference: `the same ${count} POSTs bare, ${IN_HAND} at once`,
    referenceMs: median(rounds.map(({ referenceWallMs }) => referenceWallMs)),
    rounds: rounds.length,
    ambition: AMBITION,
    notes: [
      `event to POST under the burst ${shares(all)}, of it after the commit of ${BATCH} events ${shares(rounds.flatMap(({ committedMs }) => committedMs))}`,
      `${Math.round(count / (oursMs / 1000))} messages/s, each an intent, an attempt and a receipt on disk`,
      told,
      'a generic webhook gets every message; to people (Slack, email) a rule sends 20 per minute, the others of the minute become one that counts and names them',
    ],
  };
}
