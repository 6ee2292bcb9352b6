import { InvalidInputError } from '@flotilla/kernel';

const MAX_DEPTH = 256;

/** Refuses documents that are nested too deeply or carry a `__proto__` key anywhere. */
export function assertSafeDocument(value: unknown, what: string, depth = 0): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth > MAX_DEPTH) throw new InvalidInputError(`${what} is nested deeper than ${MAX_DEPTH} levels`);
  if (Array.isArray(value)) {
    for (const item of value) assertSafeDocument(item, what, depth + 1);
    return;
  }
  for (const key in value) {
    if (key === '__proto__') throw new InvalidInputError(`${what} has a key __proto__, which is not accepted; remove it`, { key });
    assertSafeDocument((value as Record<string, unknown>)[key], what, depth + 1);
  }
}
