import { hubSubject } from '@flotilla/contracts';
import { systemClock } from '@flotilla/kernel';
import { createKeyring } from '@flotilla/keyring';
import { silentLogger } from '@flotilla/telemetry';
import { startNats, waitFor } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { connectHub, NatsMessageBus, NatsTrust, natsServerConfig, serveRoutes } from '../index.js';

test('an ask whose connection is lost fails at once instead of waiting for an answer that went with it, and one without a connection waits', async () => {
  const trust = new NatsTrust(createKeyring(new Uint8Array(32).fill(5)));
  const nats = await startNats({ config: ({ port }) => natsServerConfig({ trust, port }) });
  const connect = (service: 'orchestrator' | 'renderer') =>
    connectHub({ service, address: { servers: [nats.url] }, trust, logger: silentLogger });
  const [asking, answering] = await Promise.all([connect('orchestrator'), connect('renderer')]);
  try {
    const heard = new Promise<void>((resolve) => {
      answering.hub.connection.subscribe(hubSubject('renderer', 'render'), { callback: () => resolve() });
    });
    await answering.hub.connection.flush();
    const bus = new NatsMessageBus(asking, systemClock);
    const asked = expect(bus.ask('renderer', 'render', {}, { timeoutMs: 60_000 })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('connection to nats was lost'),
    });
    await heard;
    await nats.kill();
    await asked;

    answering.hub.connection.subscribe(hubSubject('renderer', 'render'), { callback: (_, message) => void message.respond('"late"') });
    const waiting = bus.ask('renderer', 'render', {}, { timeoutMs: 20_000 });
    await nats.restart();
    expect(await waiting).toBe('late');
  } finally {
    await asking.close();
    await answering.close();
    await nats.stop();
  }
});

test('when its own connection is closed, an ask under way fails at once, and so does every later one', async () => {
  const trust = new NatsTrust(createKeyring(new Uint8Array(32).fill(5)));
  const nats = await startNats({ config: ({ port }) => natsServerConfig({ trust, port }) });
  const connect = (service: 'orchestrator' | 'renderer') =>
    connectHub({ service, address: { servers: [nats.url] }, trust, logger: silentLogger });
  const [asking, answering] = await Promise.all([connect('orchestrator'), connect('renderer')]);
  try {
    const heard = new Promise<void>((resolve) => {
      answering.hub.connection.subscribe(hubSubject('renderer', 'render'), { callback: () => resolve() });
    });
    await answering.hub.connection.flush();
    const bus = new NatsMessageBus(asking, systemClock);
    const asked = expect(bus.ask('renderer', 'render', {}, { timeoutMs: 300_000 })).rejects.toMatchObject({ code: 'unavailable' });
    await heard;
    await asking.close();
    await asked;
    await expect(bus.ask('renderer', 'render', {}, { timeoutMs: 300_000 })).rejects.toMatchObject({
      code: 'unavailable',
      message: 'renderer render: this process is stopping',
    });
  } finally {
    await asking.close();
    await answering.close();
    await nats.stop();
  }
});

test('a long ask goes on while its server says so, and fails soon after the copy that took it died', async () => {
  const trust = new NatsTrust(createKeyring(new Uint8Array(32).fill(5)));
  const nats = await startNats({ config: ({ port }) => natsServerConfig({ trust, port }) });
  const connect = (service: 'orchestrator' | 'renderer') =>
    connectHub({ service, address: { servers: [nats.url] }, trust, logger: silentLogger });
  const [asking, answering, dying] = await Promise.all([connect('orchestrator'), connect('renderer'), connect('renderer')]);
  const bus = new NatsMessageBus(asking, systemClock, { silenceMs: 2_500 });
  const told: string[] = [];
  let answer: (text: string) => void = () => undefined;
  const verb = { verb: 'render', request: z.unknown(), reply: z.string(), use: 'render' } as const;
  const uses = { render: () => new Promise<string>((resolve) => (answer = resolve)) };
  const running = await serveRoutes({ routes: [verb], uses, links: answering, logger: silentLogger });
  try {
    asking.hub.connection.subscribe('_INBOX.orchestrator.>', {
      callback: (_, message) => void told.push(message.headers?.get('Flotilla-Attended') ?? ''),
    });
    const asked = bus.ask('renderer', 'render', {}, { timeoutMs: 60_000 });
    await waitFor('a second word that it is in work', () => told.length === 2, 10_000);
    answer('done');
    expect(await asked).toBe('done');
    await running.stop();

    const heard = new Promise<void>((resolve) => {
      dying.hub.connection.subscribe(hubSubject('renderer', 'render'), { callback: () => resolve() });
    });
    await dying.hub.connection.flush();
    const lost = expect(bus.ask('renderer', 'render', {}, { timeoutMs: 60_000 })).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('said nothing for 2500 ms'),
    });
    await heard;
    await dying.close();
    await lost;
  } finally {
    await Promise.all([asking.close(), answering.close(), dying.close()]);
    await nats.stop();
  }
});
