import { ForbiddenError, ManualClock, UnavailableError } from '@flotilla/kernel';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Log } from '../log.js';
import type { Identity } from '../state/agent-state.js';
import { FakeHub, type FakeLink } from './hub.link.fake.js';
import { HubLine, type HubLineOptions } from './hub-line.js';
import { passTime, settle } from './testing.js';

const HOUR_MS = 3_600_000;

describe('the line to the hub', () => {
  let hub: FakeHub;
  let clock: ManualClock;
  let line: HubLine;
  let links: FakeLink[];
  let dialled: string[];
  let saved: string[];
  let logged: string[];
  let renewals: number;
  let stops: number;
  /** Outcomes of the next dials and renewals, in order; after them everything goes well. */
  let dialFailures: Error[];
  let renewFailures: Error[];
  const log: Log = (level, message) => logged.push(`${level} ${message}`);

  /** A credential's text is when it expires. */
  const make = (userJwt: string): HubLine => {
    const options: HubLineOptions = {
      connect: async (identity) => {
        dialled.push(identity().userJwt);
        const failure = dialFailures.shift();
        if (failure) throw failure;
        const link = (await hub.connect()) as FakeLink;
        links.push(link);
        return link;
      },
      renew: async (identity) => {
        renewals++;
        const failure = renewFailures.shift();
        if (failure) throw failure;
        return { ...identity, userJwt: String(clock.now() + 24 * HOUR_MS) };
      },
      save: async (identity: Identity) => void saved.push(identity.userJwt),
      expiryOf: (jwt) => (jwt === '' ? undefined : Number(jwt)),
      onLine: () => ({ stop: () => stops++ }),
      clock,
      log,
      random: () => 0.5,
    };
    return new HubLine({ ...hub.identity, userJwt }, options);
  };

  beforeEach(() => {
    hub = new FakeHub();
    clock = new ManualClock();
    [links, dialled, saved, logged, dialFailures, renewFailures] = [[], [], [], [], [], []];
    [renewals, stops] = [0, 0];
  });
  afterEach(() => line.stop());

  test('is dialled until it is up, with a growing wait', async () => {
    dialFailures = Array.from({ length: 4 }, () => new UnavailableError('nobody there'));
    line = make('');
    line.start();
    const took = await passTime(clock, 'the line', () => links.length === 1);
    // 1 + 2 + 4 + 8 s
    expect(took).toBeGreaterThanOrEqual(15_000);
    expect(took).toBeLessThan(17_000);
    expect(renewals).toBe(0);
  });

  test('that closes is dialled again, and its session stops', async () => {
    line = make('');
    line.start();
    await passTime(clock, 'the line', () => links.length === 1);
    clock.advance(60_000);
    await links[0]?.close();
    expect(await passTime(clock, 'another line', () => links.length === 2)).toBeLessThan(2_500);
    expect(stops).toBe(1);
  });

  test('that closes as soon as it is up is dialled ever more slowly', async () => {
    line = make('');
    line.start();
    for (let i = 1; i <= 6; i++) {
      await passTime(clock, `line ${i}`, () => links.length === i);
      await links[i - 1]?.close();
    }
    expect(await passTime(clock, 'the seventh line', () => links.length === 7)).toBeGreaterThan(20_000);
  });

  test('refused for its credential is renewed and dialled with the new one, which is kept', async () => {
    dialFailures = [new Error('Authorization Violation')];
    line = make('1');
    line.start();
    await passTime(clock, 'the line', () => links.length === 1);
    expect(renewals).toBeGreaterThanOrEqual(1);
    expect(dialled.at(-1)).not.toBe('1');
    expect(saved.at(-1)).toBe(dialled.at(-1));
  });

  test('with a credential that nobody renews any more goes on asking, says so, and loses nothing', async () => {
    dialFailures = Array.from({ length: 6 }, () => new Error('user authentication expired'));
    renewFailures = [new ForbiddenError('revoked'), new ForbiddenError('revoked'), new UnavailableError('the hub is down')];
    line = make('');
    line.start();
    await passTime(clock, 'the line', () => links.length === 1);
    expect(logged).toContain('error credential not renewed');
    expect(logged).toContain('info credential not renewed');
    expect(saved.length).toBeGreaterThan(0);
  });

  test('renews its credential after two thirds of its life, and again for the new one', async () => {
    const start = clock.now();
    line = make(String(start + 24 * HOUR_MS));
    line.start();
    await passTime(clock, 'the renewal', () => renewals === 1, 60_000, 24 * HOUR_MS);
    expect((clock.now() - start) / HOUR_MS).toBeCloseTo(15.9, 0);
    expect(saved).toHaveLength(1);
    await passTime(clock, 'the second renewal', () => renewals === 2, 60_000, 24 * HOUR_MS);
    expect((clock.now() - start) / HOUR_MS).toBeCloseTo(31.7, 0);
    // A renewed credential is for the next dial; the line that is up stays.
    expect(links).toHaveLength(1);
  });

  test('is closed by a stop, also while it waits to dial', async () => {
    dialFailures = Array.from({ length: 50 }, () => new UnavailableError('nobody there'));
    line = make('');
    line.start();
    await settle();
    await line.stop();
    clock.advance(HOUR_MS);
    await settle();
    expect(dialled).toHaveLength(1);
  });
});
