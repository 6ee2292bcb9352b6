import type { Position } from '@flotilla/contracts';
import { ManualClock } from '@flotilla/kernel';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { silentLog } from '../log.js';
import { FakeHub, type FakeLink } from './hub.link.fake.js';
import { type Ask, HubSession, type PullCause, type SessionHost } from './hub-session.js';
import { passTime, settle } from './testing.js';

class Host implements SessionHost {
  position: Position | undefined;
  readonly began_: number[] = [];
  readonly pulls: { session: number; cause: PullCause | undefined }[] = [];
  readonly asks: Ask[] = [];
  readonly reasons: string[] = [];
  ends = 0;
  failPull: Error | undefined;
  takes: Position | undefined;

  async hello() {
    return { instanceId: 'i', agentVersion: '1', clusterUid: 'c', kubernetesVersion: 'v1', apiVersions: [] };
  }
  held(): Position | undefined {
    return this.position;
  }
  began(_link: unknown, session: number): void {
    this.began_.push(session);
  }
  ended(): void {
    this.ends++;
  }
  async pull(_link: unknown, session: number, cause?: PullCause): Promise<void> {
    this.pulls.push({ session, cause });
    const failure = this.failPull;
    this.failPull = undefined;
    if (failure) throw failure;
    this.position = this.takes ?? this.position;
  }
  ask(_link: unknown, ask: Ask): void {
    this.asks.push(ask);
  }
  beat() {
    return { ackedSeq: 0, apps: 0, unhealthy: 0 };
  }
  terminate(reason: string): void {
    this.reasons.push(reason);
  }
}

class RefusalError extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

describe('a session with the hub', () => {
  let hub: FakeHub;
  let host: Host;
  let clock: ManualClock;
  let link: FakeLink;
  let session: HubSession;
  beforeEach(async () => {
    hub = new FakeHub();
    host = new Host();
    clock = new ManualClock();
    link = (await hub.connect()) as FakeLink;
    session = new HubSession(host, link, clock, silentLog);
  });
  afterEach(async () => {
    session.stop();
    await settle();
  });

  test('says hello, pulls, and beats at the interval of the reply', async () => {
    session.start();
    await settle();
    expect(host.began_).toEqual([1]);
    expect(host.pulls).toHaveLength(1);
    const took = await passTime(clock, 'ten beats', () => hub.beats.length >= 11);
    expect(took).toBeGreaterThan(8_500);
    expect(took).toBeLessThan(12_500);
    expect(hub.beats.at(-1)).toMatchObject({ session: 1 });
  });

  test('a line that comes back says hello again; the former session beats no more', async () => {
    session.start();
    await settle();
    link.listener?.disconnected();
    expect(host.ends).toBe(1);
    const silent = hub.beats.length;
    await passTime(clock, 'time', () => clock.now() > Date.UTC(2026, 0, 1) + 10_000, 1_000);
    expect(hub.beats).toHaveLength(silent);
    link.listener?.connected();
    await passTime(clock, 'beats of the new session', () => hub.beats.length > silent + 3);
    expect(host.began_).toEqual([1, 2]);
    expect(new Set(hub.beats.slice(silent).map((beat) => beat.session))).toEqual(new Set([2]));
  });

  test('an unanswered hello is said again with a growing wait of at most 30 s', async () => {
    hub.isDown = true;
    session.start();
    await settle();
    await passTime(clock, 'five minutes', () => clock.now() > Date.UTC(2026, 0, 1) + 300_000, 1_000);
    expect(host.began_).toEqual([]);
    hub.isDown = false;
    expect(await passTime(clock, 'the session', () => host.began_.length > 0, 1_000)).toBeLessThanOrEqual(32_000);
    // Each is numbered above those before it, so that the hub knows one that arrives after its successor.
    expect(hub.hellos.at(-1)?.attempt).toBeGreaterThan(5);
  });

  test.each([
    ['pending', 3_000, 7_000],
    ['quarantined', 44_000, 77_000],
    ['revoked', 44_000, 77_000],
  ])('a hello refused as %s is said again after its own wait', async (code, least, most) => {
    hub.refusal = code;
    session.start();
    await settle();
    hub.refusal = undefined;
    const took = await passTime(clock, 'the session', () => host.began_.length > 0, 500);
    expect(took).toBeGreaterThan(least);
    expect(took).toBeLessThan(most);
    expect(host.reasons).toEqual([]);
  });

  test.each(['hello', 'pull', 'status', 'ask'])('superseded, as told by %s, ends the agent', async (by) => {
    if (by === 'hello') hub.refusal = 'superseded';
    if (by === 'pull') host.failPull = new RefusalError('superseded');
    session.start();
    await settle();
    if (by === 'status') session.refused('superseded');
    if (by === 'ask') hub.ask({ verb: 'stop' });
    expect(host.reasons).toEqual(['superseded']);
  });

  test('a refusal of a pull that only a new session mends begins one; others are tried again', async () => {
    host.failPull = new RefusalError('unknown-spoke');
    session.start();
    await passTime(clock, 'another session', () => host.began_.length === 2);
    host.failPull = new RefusalError('unavailable');
    session.pull();
    await passTime(clock, 'the pull again', () => host.pulls.length === 4);
    expect(host.began_).toEqual([1, 2]);
  });

  test('wakes for something newer pull, with the trace of the bell and the document it brought; others do not', async () => {
    session.start();
    await settle();
    host.position = { epoch: 1, generation: 5 };
    const before = host.pulls.length;
    link.listener?.wake({ epoch: 1, generation: 5 });
    link.listener?.wake('nonsense');
    await settle();
    expect(host.pulls).toHaveLength(before);
    link.listener?.wake({ epoch: 1, generation: 6 }, 'trace-6');
    await settle();
    expect(host.pulls.at(-1)?.cause).toEqual({ traceparent: 'trace-6' });
    const signed = hub.signHeader('{}', { generation: 7 });
    host.failPull = new Error('the inline document does not fit');
    link.listener?.wake({ epoch: 1, generation: 7, document: { signed, body: 'eA==' } }, 'trace-7');
    await settle();
    const [inline, fetched] = host.pulls.slice(-2);
    expect(inline?.cause).toMatchObject({ inline: { packed: 'eA==' }, traceparent: 'trace-7' });
    expect(fetched?.cause).toEqual({ traceparent: 'trace-7' });
  });

  test('an ask goes to the host once it is one', async () => {
    session.start();
    await settle();
    link.listener?.ask({ verb: 'unheard-of', token: 't' });
    hub.ask({ verb: 'refresh' });
    expect(host.asks.map(({ verb }) => verb)).toEqual(['refresh']);
  });

  test('a stopped session says nothing more', async () => {
    session.start();
    await settle();
    session.stop();
    const beats = hub.beats.length;
    await passTime(clock, 'time', () => clock.now() > Date.UTC(2026, 0, 1) + 60_000, 5_000);
    expect(hub.beats).toHaveLength(beats);
  });
});
