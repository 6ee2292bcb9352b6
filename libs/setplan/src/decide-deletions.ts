/** What becomes of the applications that left a set. Both lists are sorted; together they are all that left. */
export interface DeletionDecision {
  delete: string[];
  hold: string[];
}

/** More unreleased deletions than this are held, whatever the size of the set. */
export const MAX_FREE_DELETIONS = 5;
/** Several that are more than this share of the set are held. */
export const MAX_FREE_SHARE = 0.2;

/**
 * The guard. Deletions a person released by name go through; the others are held when they are more than five, or at least
 * two and more than a fifth of the set, or when nothing of several would stay.
 *
 * @param previous names of the applications the set has
 * @param next names the set stands for now, held and invalid ones included
 */
export function decideDeletions(previous: readonly string[], next: readonly string[], released: readonly string[] = []): DeletionDecision {
  const staying = new Set(next);
  const free = new Set(released);
  const had = [...new Set(previous)].sort();
  const leaving = had.filter((name) => !staying.has(name));
  const unreleased = leaving.filter((name) => !free.has(name));
  const isLarge =
    unreleased.length > MAX_FREE_DELETIONS ||
    (unreleased.length >= 2 && unreleased.length > had.length * MAX_FREE_SHARE) ||
    (unreleased.length > 0 && had.length >= 2 && leaving.length === had.length);
  if (!isLarge) return { delete: leaving, hold: [] };
  return { delete: leaving.filter((name) => free.has(name)), hold: unreleased };
}
