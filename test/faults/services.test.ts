import { type StoryHub, World } from '@flotilla/demo';
import { expect, test } from 'vitest';
import { CLUSTERS } from '../scenarios/stage/manifests.js';
import { CONTENT, end, playShort, worldDirectory } from '../scenarios/stage/play-short.js';
import { seeded, seedOfRun } from '../scenarios/stage/seed.js';
import { SERVICES, ServicesHub } from './stage/services-hub.js';

test('every service its own process, two copies of each: the story ends right with one copy of each killed on the way', {
  timeout: 420_000,
}, async () => {
  const seed = seedOfRun();
  const random = seeded(seed);
  console.log(`seed ${seed}; again: FLOTILLA_SEED=${seed} npm run faults -- services`);
  const directory = worldDirectory();
  const world = await World.around(directory, (logs) => ServicesHub.create(`${directory}/hub`, logs), CONTENT);
  try {
    await world.simulateClusters(CLUSTERS);
    await world.hub.start();
    await playShort(world, {
      beside: async (step) => {
        const service = SERVICES[step]!;
        const copy = world.hub.copies.get(service)![Math.floor(random() * 2)]!;
        console.log(`step ${step + 1}: kill -9 ${copy.name}, for good`);
        await copy.kill();
      },
    });
    const alive = [...world.hub.copies].map(([service, copies]) => [service, copies.filter(({ isRunning }) => isRunning).length]);
    expect(Object.fromEntries(alive)).toEqual(Object.fromEntries(SERVICES.map((service) => [service, 1])));
  } finally {
    await end(world as World<StoryHub>);
  }
});
