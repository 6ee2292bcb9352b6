import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { until, type World } from '@flotilla/demo';
import { describe, expect, test } from 'vitest';
import { end, playShort, startWorld } from '../scenarios/stage/play-short.js';

const RELEASE = 1;
const COMMIT = 2;
const END = 5;
const SETTINGS = '/api/v1/namespaces/shop/configmaps/settings';

async function cutOff(world: World, name: string): Promise<void> {
  world.spoke(name).agent?.signal('SIGSTOP');
  await until('the hub to say Unknown', async () => {
    const cluster = (await world.fleet.clusters()).find(({ metadata }) => metadata.name === name);
    return cluster?.status?.phase === 'Unknown' && cluster.status.since !== undefined;
  });
}

describe('what is lost on the way', () => {
  test('a spoke cut off from the first release to the last step is Unknown, keeps what it had and catches up', {
    timeout: 300_000,
  }, async () => {
    console.log("again: npm run faults -- loss -t 'cut off'");
    const world = await startWorld();
    const west = world.spoke('west');
    try {
      await playShort(world, {
        before: async (step, story) => {
          if (step === COMMIT) {
            await cutOff(world, 'west');
            story.leave('west');
          }
          if (step === END) {
            expect((await west.client.get(SETTINGS))?.data).toEqual({ MESSAGE: 'one' });
            west.agent?.signal('SIGCONT');
            story.rejoin('west');
          }
        },
      });
    } finally {
      await end(world);
    }
  });

  test("NATS' directory is wiped while it runs, and again before it is killed: nothing is lost", { timeout: 300_000 }, async () => {
    console.log('again: npm run faults -- loss -t wiped');
    const world = await startWorld();
    const wipe = (): void => rmSync(join(world.hub.directory, 'nats'), { recursive: true, force: true });
    try {
      await playShort(world, {
        before: async (step) => {
          if (step !== RELEASE && step !== COMMIT) return;
          wipe();
          if (step === COMMIT) world.hub.killChild('nats');
        },
      });
    } finally {
      await end(world);
    }
  });
});
