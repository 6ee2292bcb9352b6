import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { natsServersAtHand, startNats } from './index.js';

it('lists every version at hand once', () => {
  const versions = natsServersAtHand().map(({ version }) => version);
  expect(versions).not.toHaveLength(0);
  expect(new Set(versions).size).toBe(versions.length);
});

it('starts on a free port, comes back on the same one after kill -9 and a wipe, and leaves nothing behind', async () => {
  const nats = await startNats();
  const { url, dir } = nats;
  await nats.kill();
  nats.wipe();
  await nats.restart();
  expect(nats.url).toBe(url);
  expect(existsSync(join(dir, 'nats.conf'))).toBe(true);
  await nats.stop();
  expect(existsSync(dir)).toBe(false);
});

it('says why a server does not start', async () => {
  await expect(startNats({ config: () => 'nonsense: [' })).rejects.toThrow(/nats-server/);
});
