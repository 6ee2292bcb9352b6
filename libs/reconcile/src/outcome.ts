/** What reconciling one key came to. Throwing means unknown: back off and try again. */
export type Outcome = { done: true } | { againAfterMs: number } | { stalled: Error };

export const done: Outcome = { done: true };
export const again = (afterMs: number): Outcome => ({ againAfterMs: afterMs });
/** Nothing but a change of the input helps; it is not tried again until the key is named anew. */
export const stalled = (error: Error): Outcome => ({ stalled: error });
