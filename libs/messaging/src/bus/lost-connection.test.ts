import { hubSubject } from '@flotilla/contracts';
import { systemClock } from '@flotilla/kernel';
import { createKeyring } from '@flotilla/keyring';
import { silentLogger } from '@flotilla/telemetry';
import { startNats } from '@flotilla/testkit';
import { expect, test } from 'vitest';
import { connectHub, NatsMessageBus, NatsTrust, natsServerConfig } from '../index.js';

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
