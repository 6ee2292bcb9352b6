import { hubSubject } from '@flotilla/contracts';
import { systemClock } from '@flotilla/kernel';
import { createKeyring } from '@flotilla/keyring';
import { silentLogger } from '@flotilla/telemetry';
import { type NatsServer, startNats, waitFor } from '@flotilla/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { connectHub, type HubLinks, NatsMessageBus, NatsTrust, natsServerConfig, serveRoutes } from '../index.js';

const trust = new NatsTrust(createKeyring(new Uint8Array(32).fill(5)));
const VERB = hubSubject('renderer', 'render');
let nats: NatsServer;
let asking: HubLinks;
let answering: HubLinks;

const connect = (service: 'orchestrator' | 'renderer') =>
  connectHub({ service, address: { servers: [nats.url] }, trust, logger: silentLogger });

beforeEach(async () => {
  nats = await startNats({ config: ({ port }) => natsServerConfig({ trust, port }) });
  [asking, answering] = await Promise.all([connect('orchestrator'), connect('renderer')]);
});
afterEach(async () => {
  await Promise.all([asking.close(), answering.close()]);
  await nats.stop();
});

/** Somebody who takes a request and never answers; resolves when one was taken. */
async function takeOne({ hub }: HubLinks): Promise<{ taken: Promise<void> }> {
  const taken = new Promise<void>((resolve) => {
    hub.connection.subscribe(VERB, { callback: () => resolve() });
  });
  await hub.connection.flush();
  return { taken };
}

test('an ask whose connection is lost fails at once instead of waiting for an answer that went with it, and one without a connection waits', async () => {
  const { taken } = await takeOne(answering);
  const bus = new NatsMessageBus(asking, systemClock);
  const asked = expect(bus.ask('renderer', 'render', {}, { timeoutMs: 60_000 })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('connection to nats was lost'),
  });
  await taken;
  await nats.kill();
  await asked;

  answering.hub.connection.subscribe(VERB, { callback: (_, message) => void message.respond('"late"') });
  const waiting = bus.ask('renderer', 'render', {}, { timeoutMs: 20_000 });
  await nats.restart();
  expect(await waiting).toBe('late');
});

test('when its own connection is closed, an ask under way fails at once, and so does every later one', async () => {
  const { taken } = await takeOne(answering);
  const bus = new NatsMessageBus(asking, systemClock);
  const asked = expect(bus.ask('renderer', 'render', {}, { timeoutMs: 300_000 })).rejects.toMatchObject({ code: 'unavailable' });
  await taken;
  await asking.close();
  await asked;
  await expect(bus.ask('renderer', 'render', {}, { timeoutMs: 300_000 })).rejects.toMatchObject({
    code: 'unavailable',
    message: 'renderer render: this process is stopping',
  });
});

test('a long ask goes on while its server says so, also while it waits its turn, and is told when the server stops', async () => {
  const bus = new NatsMessageBus(asking, systemClock, { silenceMs: 2_500 });
  const told: string[] = [];
  asking.hub.connection.subscribe('_INBOX.orchestrator.>', {
    callback: (_, message) => void told.push(message.headers?.get('Flotilla-Attended') ?? ''),
  });
  let answer: (text: string) => void = () => undefined;
  const verb = { verb: 'render', request: z.unknown(), reply: z.string(), use: 'render', maxInFlight: 1 } as const;
  const uses = { render: () => new Promise<string>((resolve) => (answer = resolve)) };
  const running = await serveRoutes({ routes: [verb], uses, links: answering, logger: silentLogger });
  const asked = bus.ask('renderer', 'render', {}, { timeoutMs: 60_000 });
  const second = expect(bus.ask('renderer', 'render', {}, { timeoutMs: 60_000 })).rejects.toThrow('renderer is stopping; try again');
  await waitFor('two words about each', () => told.length === 4, 10_000);
  const stopping = running.stop();
  await second;
  answer('done');
  expect(await asked).toBe('done');
  await stopping;
});

test('a long ask fails soon after the copy that took it died', async () => {
  const dying = await connect('renderer');
  const bus = new NatsMessageBus(asking, systemClock, { silenceMs: 300 });
  const { taken } = await takeOne(dying);
  const lost = expect(bus.ask('renderer', 'render', {}, { timeoutMs: 60_000 })).rejects.toMatchObject({
    code: 'unavailable',
    message: expect.stringContaining('said nothing for 300 ms'),
  });
  await taken;
  await dying.close();
  await lost;
});
