export interface Backoff {
  /** After the first failure. */
  firstMs: number;
  maxMs: number;
}

export const DEFAULT_BACKOFF: Backoff = { firstMs: 200, maxMs: 60_000 };

/**
 * Doubles with each failure in a row up to `maxMs`; the second half of it is left to chance, so that keys that failed
 * together do not come back together.
 *
 * @param failures in a row, from 1
 * @param random in [0, 1)
 */
export function backoffMs({ firstMs, maxMs }: Backoff, failures: number, random: number): number {
  const fullMs = Math.min(maxMs, firstMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(fullMs / 2 + (fullMs / 2) * random);
}
