import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/** Asks until the answer is truthy. An error counts as not yet; the last one is told when time is up. */
export async function until<T>(what: string, ask: () => Promise<T>, timeoutMs = 30_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer as NonNullable<T>;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs / 1000} s for ${what}${last ? `: ${(last as Error).message}` : ''}`);
    await delay(POLL_MS);
  }
}
