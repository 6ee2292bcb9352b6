import type { LocalObject } from './local.store.js';

/** The expander's guard over generated applications has the same numbers. */
const HELD_ABOVE = 5;
const HELD_SHARE = 0.2;

/**
 * Whether documents that the source no longer has may be deleted from the hub's own store: pruning has to be asked for, and more
 * than 5, or more than 20 % and at least 2, or all of several are held for a person.
 */
export function judgeLocalPrune(
  leftOver: readonly LocalObject[],
  owned: number,
  mayPrune: boolean,
): { prune: readonly LocalObject[] } | { held: string } | { off: true } {
  if (leftOver.length === 0) return { prune: [] };
  if (!mayPrune) return { off: true };
  const isMuch =
    leftOver.length > HELD_ABOVE || (leftOver.length >= 2 && (leftOver.length > owned * HELD_SHARE || leftOver.length === owned));
  if (!isMuch) return { prune: leftOver };
  const names = leftOver.slice(0, 10).map(({ kind, name }) => `${kind} ${name}`);
  return {
    held: `${leftOver.length} of ${owned} documents are no longer in the source and would be deleted: ${names.join(', ')}; delete them by hand if that is meant`,
  };
}
