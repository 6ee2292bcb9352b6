import { describe, test } from 'vitest';
import { end, playShort, startWorld } from '../scenarios/stage/play-short.js';
import { seeded, seedOfRun } from '../scenarios/stage/seed.js';
import { COMPONENTS, type Component, strike } from '../scenarios/stage/strike.js';

/** Late enough to hit every part of a step, early enough to hit the short ones too. */
const LATEST_MS = 1_200;

describe('kill -9 in every step of the story', () => {
  test.each(COMPONENTS)('%s: the story still ends right', { timeout: 600_000 }, async (component: Component) => {
    const seed = seedOfRun();
    const random = seeded(seed);
    console.log(`seed ${seed}: ${component}; again: FLOTILLA_SEED=${seed} npm run faults -- sweep -t '${component}:'`);
    const world = await startWorld();
    try {
      await playShort(world, {
        beside: (step) => {
          const afterMs = Math.floor(random() * LATEST_MS);
          console.log(`step ${step + 1}: kill -9 ${component} after ${afterMs} ms`);
          return strike(world, { component, step, afterMs });
        },
      });
    } catch (error) {
      throw new Error(`seed ${seed}, the hub's last words:\n${world.hub.lastLines(30)}`, { cause: error });
    } finally {
      await end(world);
    }
  });
});
