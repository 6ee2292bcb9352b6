import { describe, expect, test } from 'vitest';
import { end, playShort, startWorld } from './stage/play-short.js';
import { seedOfRun } from './stage/seed.js';
import { planStrikes, strike, tellStrikes } from './stage/strike.js';

const STEPS = 5;

describe('the story of a fleet', () => {
  test('ends right although hub, NATS, PostgreSQL and an agent are each killed once on the way', { timeout: 420_000 }, async () => {
    const seed = seedOfRun();
    const strikes = planStrikes(seed, STEPS);
    console.log(
      `seed ${seed}: kill -9 of ${tellStrikes(strikes)}; again: FLOTILLA_SEED=${seed} npm test -- --project test-scenarios story`,
    );
    const world = await startWorld();
    try {
      await playShort(world, {
        beside: async (step) => {
          for (const blow of strikes.filter((planned) => planned.step === step)) await strike(world, blow);
        },
      });
    } catch (error) {
      throw new Error(`seed ${seed}, the hub's last words:\n${world.hub.lastLines(30)}`, { cause: error });
    } finally {
      await end(world);
    }
  });

  test('draws the same kills for the same seed', () => {
    expect(planStrikes(7, STEPS)).toEqual(planStrikes(7, STEPS));
    expect(planStrikes(7, STEPS)).not.toEqual(planStrikes(8, STEPS));
  });
});
