import type { SpokeId } from '@flotilla/kernel';
import { type NatsServer, startNats } from '@flotilla/testkit';
import { afterAll, beforeAll, describe } from 'vitest';
import { FakeHub } from '../link/hub.link.fake.js';
import { NatsHubLink } from '../link/hub.link.nats.js';
import { silentLog } from '../log.js';
import { HubOnNats } from '../testing/hub-on-nats.js';
import { pullSecretsSuite } from './pull-secrets.contract.js';

describe('secrets over a line in memory', () => {
  pullSecretsSuite(async () => {
    const hub = new FakeHub();
    const link = await hub.connect();
    return { hub, link, close: () => link.close() };
  });
});

describe('secrets over NATS', () => {
  let server: NatsServer;
  beforeAll(async () => {
    server = await startNats();
  });
  afterAll(() => server?.stop());

  pullSecretsSuite(async () => {
    const there = await HubOnNats.start(server.url);
    const { spokeId, nkeySeed, natsUrls, userJwt } = there.hub.identity;
    const link = await NatsHubLink.connect({
      spokeId: spokeId as SpokeId,
      urls: natsUrls,
      userJwt: () => userJwt,
      nkeySeed,
      log: silentLog,
    });
    const close = async (): Promise<void> => {
      await link.close();
      await there.stop();
    };
    return { hub: there.hub, link, close };
  });
});
