import { createKeyring } from '@flotilla/keyring';
import { NatsTrust, natsServerConfig } from '@flotilla/messaging';
import { type NatsServer, startNats, type TestDatabase, testDatabase } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectService } from './connect-service.js';
import { type RunningService, startService } from './run-service.js';

const MASTER_KEY = new Uint8Array(32).fill(7);

class Health {
  readonly reasons: string[] = [];
  notReady(): string[] {
    return this.reasons;
  }
}
class TestModule {}

let database: TestDatabase;
let nats: NatsServer;
let env: Record<string, string>;
beforeAll(async () => {
  database = await testDatabase();
  nats = await startNats({
    config: ({ port, dir }) => natsServerConfig({ trust: new NatsTrust(createKeyring(MASTER_KEY)), port, storeDir: dir }),
  });
  env = {
    DATABASE_URL: database.url,
    NATS_URL: nats.url,
    FLOTILLA_MASTER_KEY: Buffer.from(MASTER_KEY).toString('base64'),
    FLOTILLA_LOG_LEVEL: 'silent',
  };
});
afterAll(async () => {
  await nats?.stop();
  await database?.drop();
});

const start = (health: Health): Promise<RunningService> =>
  startService({
    name: 'registry',
    env,
    probes: { host: '127.0.0.1', port: 0 },
    module: (platform) => ({
      module: TestModule,
      providers: [
        { provide: Health, useValue: health },
        {
          provide: 'connection',
          useFactory: async () => {
            const connection = await connectService(platform, 'registry');
            return { onApplicationShutdown: () => connection.close() };
          },
        },
      ],
    }),
    health: Health,
  });

test('a service is probed while it runs, and its stop leaves no listener', async () => {
  const health = new Health();
  const service = await start(health);
  const get = async (path: string) => (await fetch(`http://127.0.0.1:${service.probePort}${path}`)).status;
  expect([await get('/healthz'), await get('/readyz'), await get('/metrics')]).toEqual([200, 200, 200]);
  health.reasons.push('no connection to nats');
  expect(await get('/readyz')).toBe(503);
  await service.stop();
  await expect(get('/healthz')).rejects.toThrow();
});

test('a module that cannot start is an error that says why, and nothing stays open', async () => {
  const starting = startService({
    name: 'registry',
    env,
    probes: { host: '127.0.0.1', port: 0 },
    module: () => {
      throw new Error('no module today');
    },
    health: Health,
  });
  await expect(starting).rejects.toThrow('no module today');
  await expect(
    startService({ name: 'registry', env: {}, probes: { host: '', port: 0 }, module: () => ({ module: TestModule }), health: Health }),
  ).rejects.toThrow('DATABASE_URL is not set');
});
