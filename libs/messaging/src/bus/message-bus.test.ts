import { answerSubject, type HubService, spokeSubject } from '@flotilla/contracts';
import { type SpokeId, systemClock } from '@flotilla/kernel';
import { createKeyring } from '@flotilla/keyring';
import { silentLogger } from '@flotilla/telemetry';
import { type NatsServer, startNats, waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe } from 'vitest';
import { z } from 'zod';
import {
  connectHub,
  type HubLinks,
  NatsMessageBus,
  NatsTrust,
  natsServerConfig,
  type Route,
  type RunningRoutes,
  serveRoutes,
} from '../index.js';
import { messageBusContract } from './message-bus.contract.js';
import { FakeMessageBus } from './message-bus.fake.js';
import { TestSpoke } from './test-spoke.js';

describe('FakeMessageBus', () => {
  messageBusContract(
    () => {
      const bus = new FakeMessageBus();
      return {
        bus,
        serve: async (...args) => bus.serve(...args),
        listen: async (...args) => bus.listen(...args),
        heardBy: async (spoke) => bus.told.filter((one) => one.spoke === spoke).map(({ verb, content }) => ({ verb, content })),
        answer: async (...args) => bus.answer(...args),
      };
    },
    async (check) => check(),
  );
});

describe('NatsMessageBus', () => {
  const trust = new NatsTrust(createKeyring(new Uint8Array(32).fill(5)));
  const spokes = new Map<SpokeId, { spoke: TestSpoke; heard: { subject: string; text: string }[] }>();
  const links = new Map<HubService, HubLinks>();
  const running: RunningRoutes[] = [];
  let nats: NatsServer;
  let bus: NatsMessageBus;

  beforeAll(async () => {
    nats = await startNats({ config: ({ port }) => natsServerConfig({ trust, port }) });
    for (const service of ['orchestrator', 'renderer'] as const) {
      links.set(service, await connectHub({ service, address: { servers: [nats.url] }, trust, logger: silentLogger }));
    }
    bus = new NatsMessageBus(links.get('orchestrator')!, systemClock);
  });
  afterAll(async () => {
    await Promise.all(running.map((routes) => routes.stop()));
    for (const { spoke } of spokes.values()) await spoke.close();
    for (const link of links.values()) await link.close();
    await nats?.stop();
  });

  const serve = async (
    service: HubService,
    routes: readonly Route<Record<string, unknown>>[],
    use: (input: never) => unknown,
  ): Promise<void> => {
    running.push(await serveRoutes<Record<string, unknown>>({ routes, uses: { use }, links: links.get(service)!, logger: silentLogger }));
  };
  const spokeOf = async (id: SpokeId) => {
    let known = spokes.get(id);
    if (!known) {
      const spoke = await TestSpoke.connect({ url: nats.url, spoke: id, trust });
      known = { spoke, heard: spoke.hear(spokeSubject(id, 'wake')) };
      spokes.set(id, known);
    }
    await known.spoke.connection.flush();
    return known;
  };

  messageBusContract(
    () => ({
      bus,
      serve: (service, verb, answer) => serve(service, [{ verb, request: z.unknown(), reply: z.unknown(), use: 'use' }], answer),
      listen: (event, listener) => serve('renderer', [{ event, use: 'use' }], listener),
      heardBy: async (id) =>
        (await spokeOf(id)).heard.map(({ subject, text }) => ({ verb: subject.split('.').at(-1) ?? '', content: JSON.parse(text) })),
      answer: async (id, token, answer) => {
        await links.get('orchestrator')?.spokes?.connection.flush();
        const { spoke } = await spokeOf(id);
        spoke.publish(answerSubject(id, token, answer.n), answer);
        await spoke.connection.flush();
        await links.get('orchestrator')?.spokes?.connection.flush();
      },
    }),
    (check) => waitFor('the message to arrive', check, 5_000),
  );
});
