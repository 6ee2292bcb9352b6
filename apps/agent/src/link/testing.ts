import { setImmediate as nextTurn } from 'node:timers/promises';
import type { ManualClock } from '@flotilla/kernel';

/** Moves the clock by steps until a condition holds; resolves with the milliseconds it took. */
export async function passTime(clock: ManualClock, what: string, holds: () => boolean, stepMs = 100, maxMs = 3_600_000): Promise<number> {
  const from = clock.now();
  for (;;) {
    // Whatever woke up may take a few turns to come to its next wait.
    for (let turn = 0; turn < 5; turn++) await nextTurn();
    if (holds()) return clock.now() - from;
    if (clock.now() - from > maxMs) throw new Error(`${what} did not happen within ${maxMs} ms`);
    clock.advance(stepMs);
  }
}

/** Lets everything that needs no time happen. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await nextTurn();
}
