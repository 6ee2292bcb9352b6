import { spokeInbox, spokeSubject } from '@flotilla/contracts';
import { ManualClock, NotFoundError, newSpokeId, systemClock, UnavailableError } from '@flotilla/kernel';
import { createKeyring } from '@flotilla/keyring';
import { silentLogger } from '@flotilla/telemetry';
import { type NatsServer, startNats, waitFor } from '@flotilla/testkit';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { TestSpoke } from './bus/test-spoke.js';
import { connectHub, type HubLinks, NatsMessageBus, NatsTransport, NatsTrust, natsServerConfig, type Route, serveRoutes } from './index.js';

const trust = new NatsTrust(createKeyring(new Uint8Array(32).fill(6)));
const request = z.object({ n: z.number() });
let nats: NatsServer;
let links: HubLinks;
let bus: NatsMessageBus;
let spoke: TestSpoke;
const stops: (() => unknown)[] = [];

beforeAll(async () => {
  nats = await startNats({ config: ({ port }) => natsServerConfig({ trust, port }) });
  links = await connectHub({ service: 'orchestrator', address: { servers: [nats.url] }, trust, logger: silentLogger });
  bus = new NatsMessageBus(links, systemClock);
  spoke = await TestSpoke.connect({ url: nats.url, spoke: newSpokeId(), trust });
});
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});
afterAll(async () => {
  await spoke?.close();
  await links?.close();
  await nats?.stop();
});

function openGate(): { promise: Promise<void>; resolve: () => void } {
  let resolve = (): void => {};
  const promise = new Promise<void>((open) => {
    resolve = open;
  });
  return { promise, resolve };
}

async function serve(routes: readonly Route<Record<string, unknown>>[], uses: Record<string, unknown>, extra: object = {}): Promise<void> {
  const running = await serveRoutes({ routes, uses, links, logger: silentLogger, ...extra });
  stops.push(() => running.stop());
}

describe('a verb route', () => {
  it('refuses what does not fit the request, and never lets out what does not fit the reply', async () => {
    await serve([{ verb: 'v', request, reply: z.object({ m: z.number() }), use: 'v' }], {
      v: ({ n }: { n: number }) => (n ? { m: n } : { no: 1 }),
    });
    expect(await bus.ask('orchestrator', 'v', { n: 1 })).toEqual({ m: 1 });
    await expect(bus.ask('orchestrator', 'v', { n: 'x' })).rejects.toMatchObject({ code: 'invalid' });
    await expect(bus.ask('orchestrator', 'v', { n: 0 })).rejects.toMatchObject({ code: 'internal' });
  });

  it('refuses a reply larger than a message with a plain error', async () => {
    await serve([{ verb: 'big', request: z.unknown(), reply: z.unknown(), use: 'v' }], { v: () => 'x'.repeat(2_000_000) });
    await expect(bus.ask('orchestrator', 'big', {})).rejects.toThrow('more than a message may have');
  });

  it('answers unavailable when too many are in work', async () => {
    const gate = openGate();
    await serve([{ verb: 'slow', request: z.unknown(), reply: z.unknown(), use: 'v', maxInFlight: 1 }], { v: () => gate.promise });
    const asked = Array.from({ length: 6 }, () => bus.ask('orchestrator', 'slow', {}));
    await expect(asked[5]).rejects.toThrow(UnavailableError);
    gate.resolve();
    expect(await Promise.all(asked.slice(0, 5))).toEqual([null, null, null, null, null]);
  });

  it('lets as many wait as the route says, and does not do what waited for too long', async () => {
    const gate = openGate();
    const clock = new ManualClock();
    const done: number[] = [];
    const route: Route<Record<string, unknown>> = { verb: 'slow', request, reply: z.unknown(), use: 'v', maxInFlight: 1 };
    const use = async ({ n }: { n: number }) => {
      done.push(n);
      await gate.promise;
    };
    await serve([{ ...route, maxWaiting: 2, maxWaitMs: 1_000 }], { v: use }, { clock });
    const ask = (n: number) => bus.ask('orchestrator', 'slow', { n });
    const first = ask(1);
    await waitFor('the first to be in work', () => done.length === 1);
    const waiting = [ask(2), ask(3)].map((asked) => asked.catch((error: unknown) => error));
    await expect(ask(4)).rejects.toThrow('has too many slow requests at once');
    clock.advance(1_001);
    gate.resolve();
    expect(await first).toBeNull();
    for (const late of await Promise.all(waiting)) expect(String(late)).toContain('could not get to slow in time; try again');
    expect(done).toEqual([1]);
    expect(await ask(5)).toBeNull();
  });

  it('serves as a Nest microservice strategy', async () => {
    const routes = [{ verb: 'nest', request: z.unknown(), reply: z.unknown(), use: 'v' as const }];
    const transport = new NatsTransport({ routes, uses: { v: () => 'hi' }, links, logger: silentLogger });
    await new Promise<void>((resolve, reject) => transport.listen((error) => (error ? reject(error) : resolve())));
    stops.push(() => transport.close());
    expect(await bus.ask('orchestrator', 'nest', {})).toBe('hi');
  });

  it('is refused at start when it uses what is not there', async () => {
    await expect(serve([{ verb: 'v', request, reply: request, use: 'nope' }], {})).rejects.toThrow('"nope"');
  });
});

describe('a spoke route', () => {
  const status: Route<Record<string, unknown>> = { spoke: 'status', request, reply: z.unknown(), use: 'use', maxInFlight: 1 };

  it('answers invalid content and known codes as refusals, and its own trouble as unavailable without the text', async () => {
    const use = ({ content }: { content: { n: number } }): unknown => {
      if (content.n === 1) throw new NotFoundError('SELECT secret');
      return { ok: content.n };
    };
    await serve([status], { use });
    expect(await spoke.request('status', { n: 0 })).toEqual({ ok: 0 });
    expect(await spoke.request('status', { n: 'x' })).toMatchObject({ error: { code: 'invalid' } });
    expect(await spoke.request('status', { n: 1 })).toEqual({
      error: { code: 'unavailable', message: 'the hub could not do it now; try again' },
    });
    expect(await spoke.request('status', { n: 2, pad: 'x'.repeat(70_000) })).toMatchObject({ error: { code: 'invalid' } });
  });

  it('sends bytes with their meta in a header', async () => {
    const desired: Route<Record<string, unknown>> = {
      spoke: 'desired',
      request,
      reply: z.object({ offset: z.number() }),
      binary: true,
      use: 'use',
    };
    await serve([desired], { use: () => ({ meta: { offset: 7 }, bytes: Uint8Array.of(1, 2, 255) }) });
    expect(await spoke.request('desired', { n: 1 })).toEqual({ offset: 7, bytes: Buffer.from([1, 2, 255]) });
    expect(await spoke.request('desired', {})).toMatchObject({ error: { code: 'invalid' }, bytes: Buffer.alloc(0) });
  });

  it('leaves status unanswered over its bound and says unavailable for others', async () => {
    const gate = openGate();
    const blobs: Route<Record<string, unknown>> = { spoke: 'blobs', request, reply: z.unknown(), use: 'use', maxInFlight: 1 };
    await serve([status, blobs], { use: () => gate.promise.then(() => 'done') });
    const fill = (verb: 'status' | 'blobs') => Array.from({ length: 5 }, (_, n) => spoke.request(verb, { n }, 5_000));
    const kept = [...fill('status'), ...fill('blobs')];
    expect(await spoke.request('blobs', { n: 5 })).toMatchObject({ error: { code: 'unavailable' } });
    await expect(spoke.request('status', { n: 5 }, 200)).rejects.toThrow();
    gate.resolve();
    expect(new Set(await Promise.all(kept))).toEqual(new Set(['done']));
  });

  it('gives no spoke more than its share of the places', async () => {
    const gate = openGate();
    const blobs: Route<Record<string, unknown>> = {
      ...{ spoke: 'blobs', request, reply: z.unknown(), use: 'use' },
      ...{ maxInFlight: 1, maxWaiting: 1_000 },
    };
    await serve([blobs], { use: () => gate.promise.then(() => 'done') });
    const other = await TestSpoke.connect({ url: nats.url, spoke: newSpokeId(), trust });
    const kept = Array.from({ length: 16 }, (_, n) => spoke.request('blobs', { n }, 5_000));
    expect(await spoke.request('blobs', { n: 16 })).toMatchObject({ error: { code: 'unavailable' } });
    const honest = other.request('blobs', { n: 1 }, 5_000);
    await other.connection.flush();
    gate.resolve();
    expect([...new Set(await Promise.all(kept)), await honest]).toEqual(['done', 'done']);
    expect(await spoke.request('blobs', { n: 17 })).toBe('done');
    await other.close();
  });

  it('is heard by every copy or by one, as the route says', async () => {
    const heard: string[] = [];
    const beat = (everyCopy: boolean): Route<Record<string, unknown>> => ({ spoke: 'beat', request, use: 'use', everyCopy });
    for (const copy of ['1', '2']) await serve([beat(true), beat(false)], { use: () => heard.push(copy) });
    spoke.publish(spokeSubject(spoke.spoke, 'beat'), { n: 1 });
    await waitFor('three deliveries', () => heard.length === 3);
    expect(new Set(heard)).toEqual(new Set(['1', '2']));
  });

  it('needs a connection to the spokes', async () => {
    const { spokes: _none, ...hubOnly } = links;
    await expect(
      serveRoutes<Record<string, unknown>>({ routes: [status], uses: { use: () => 1 }, links: hubOnly, logger: silentLogger }),
    ).rejects.toThrow('no connection');
    expect(spokeInbox(spoke.spoke)).toContain(spoke.spoke);
  });
});

describe('a timer route', () => {
  it('runs again and again, also after it failed, and a singleton only while it is held', async () => {
    let ticks = 0;
    let held = 0;
    const uses = {
      tick: () => {
        ticks++;
        throw new Error('once more');
      },
      held: () => held++,
    };
    const routes: Route<Record<string, unknown>>[] = [
      { every: 5, use: 'tick' },
      { every: 5, use: 'held', singleton: 'one' },
    ];
    const granted = openGate();
    await serve(routes, uses, {
      holdSingleton: async (name: string, signal: AbortSignal, work: (signal: AbortSignal) => Promise<void>) => {
        expect(name).toBe('one');
        await granted.promise;
        await work(signal);
      },
    });
    await waitFor('some ticks', () => ticks > 3);
    expect(held).toBe(0);
    granted.resolve();
    await waitFor('the singleton', () => held > 1);
    await expect(serve(routes, uses)).rejects.toThrow('no lease');
  });
});
