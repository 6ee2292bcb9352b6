import type { ResourceDocument } from '@flotilla/contracts';
import { InvalidInputError } from '@flotilla/kernel';
import { readStrategy, stepOf } from '@flotilla/policy';
import type { StoredSet } from './stored-set.js';

export interface DeletionTurn {
  now: string[];
  /** Names of earlier steps, which wait until every application of a later one is gone. */
  later: string[];
  /** What is waited for, where something is. */
  remark?: string;
}

const NAMED = 10;

/**
 * Deletions of a set whose strategy says `deletionOrder: Reverse`: the last step first, what no step selects at the very end (argo-cd
 * applicationset/progressivesync). One that is held, waits for the end of its restore window or is still on its way out keeps the earlier
 * steps. Any other set's go together.
 */
export function deletionTurn(set: StoredSet, existing: ReadonlyMap<string, ResourceDocument>, going: readonly string[]): DeletionTurn {
  const steps = reversedSteps(set);
  if (!steps) return { now: [...going], later: [] };
  const rank = ({ metadata }: ResourceDocument): number => stepOf(metadata.labels, steps) ?? -1;
  const owned = [...existing.values()].filter(({ metadata }) => metadata.ownerReferences?.some(({ uid }) => uid === set.metadata.uid));
  const last = owned.reduce((highest, document) => Math.max(highest, rank(document)), -1);
  const isLast = (name: string): boolean => rank(existing.get(name)!) === last;
  const later = going.filter((name) => !isLast(name));
  const turn = { now: going.filter(isLast), later };
  if (later.length === 0) return turn;
  const listed = later.slice(0, NAMED).join(', ') + (later.length > NAMED ? ` and ${later.length - NAMED} more` : '');
  return { ...turn, remark: `deletionOrder Reverse: step ${last + 1} is deleted first; ${listed} wait until it is gone` };
}

/** A strategy that cannot be read orders nothing. */
function reversedSteps({ spec }: StoredSet): Parameters<typeof stepOf>[1] | undefined {
  try {
    const { rolling } = readStrategy(spec.strategy);
    return rolling?.deletesInReverse ? rolling.steps : undefined;
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return undefined;
  }
}
