import type { Budget } from './budget.js';

/** What a template may not take from its surroundings; absent ones make the functions that need them fail. */
export interface TemplateSources {
  now?: () => Date;
  /** Cryptographically random bytes. */
  random?: (length: number) => Uint8Array;
}

/** What a template function gets besides its arguments. */
export interface Tools {
  readonly budget: Budget;
  readonly sources: TemplateSources;
}
