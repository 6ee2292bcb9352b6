import { DEFAULT_GUARD, type GuardSettings } from './guard-settings.js';

/** What becomes of what left a set, or the source of an application of applications. Both lists are sorted; together they are all that left. */
export interface DeletionDecision {
  delete: string[];
  hold: string[];
  /** Why deletions are held, in words; only with some. */
  rule?: string;
}

/** What the guard is told besides the names. */
export interface DeletionRules {
  settings?: GuardSettings;
  /** Whether the application, or the cluster it goes to, has the label that protects it. */
  isProtected?(name: string): boolean;
  /** What has them, for the rule's words; by default a set. */
  owner?: 'set' | 'application';
}

/**
 * The guard. Deletions a person released by name go through. Of the others protected ones are held always, and all of them
 * when they are more than the budget, or at least two and more than its share of the set, or when nothing of several
 * would stay (unless the share is 100 %).
 *
 * @param previous names of what it has
 * @param next names it stands for now, held and invalid ones included
 */
export function decideDeletions(
  previous: readonly string[],
  next: readonly string[],
  released: readonly string[] = [],
  { settings = DEFAULT_GUARD, isProtected = () => false, owner = 'set' }: DeletionRules = {},
): DeletionDecision {
  const staying = new Set(next);
  const free = new Set(released);
  const had = [...new Set(previous)].sort();
  const leaving = had.filter((name) => !staying.has(name));
  const unreleased = leaving.filter((name) => !free.has(name));
  const large = ruleBroken(unreleased.length, leaving.length, had.length, settings, owner);
  const hold = large ? unreleased : unreleased.filter(isProtected);
  if (hold.length === 0) return { delete: leaving, hold };
  const held = new Set(hold);
  return { delete: leaving.filter((name) => !held.has(name)), hold, rule: large ?? 'protected' };
}

function ruleBroken(unreleased: number, leaving: number, had: number, settings: GuardSettings, owner: string): string | undefined {
  const { maxDeletions, maxDeletionPercent } = settings;
  if (unreleased > maxDeletions) return `more than max-deletions ${maxDeletions}`;
  if (unreleased >= 2 && unreleased * 100 > had * maxDeletionPercent)
    return `more than max-deletion-percent ${maxDeletionPercent} of ${had}`;
  if (unreleased > 0 && had >= 2 && leaving === had && maxDeletionPercent < 100) return `all ${had} of the ${owner}`;
  return undefined;
}
