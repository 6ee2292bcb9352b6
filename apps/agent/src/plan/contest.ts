import { appliedFields, FIELD_MANAGER, type KubeMeta, leafPaths, ownersOf } from '@flotilla/kube';

/** A correction of one object: when, and which managers had taken which of our fields. */
export interface Correction {
  /** Milliseconds since the epoch. */
  at: number;
  /** Everything we own after it. */
  owned: string[];
  takers: string[];
  /** Corrections before this one that followed each other closely. */
  count: number;
}

/** A field taken back within this time of a correction, by the same manager, is contested. */
export const CONTEST_WINDOW_MS = 30_000;
/** Corrections further apart than this are not one series. */
const SERIES_MS = 600_000;

/** Whoever holds what was ours: fields we owned after the last answer and no longer own now. */
export function takersOf(owned: readonly string[], live: KubeMeta): { lost: string[]; takers: string[] } {
  const now = new Set(leafPaths(appliedFields(live, FIELD_MANAGER) ?? {}));
  const lost = owned.filter((path) => !now.has(path));
  return { lost, takers: ownersOf(live, lost, FIELD_MANAGER) };
}

/** Records a correction: `before` is the live object it found, `after` the answer. */
export function recordCorrection(previous: Correction | undefined, before: KubeMeta, after: KubeMeta, now: number): Correction {
  const owned = leafPaths(appliedFields(after, FIELD_MANAGER) ?? {});
  const count = previous && now - previous.at < SERIES_MS ? previous.count + 1 : 1;
  return { at: now, owned, takers: takersOf(owned, before).takers, count };
}

/** The contest behind a drift, if it is one: the same other manager took fields back within the window. */
export function findContest(
  previous: Correction | undefined,
  live: KubeMeta,
  now: number,
): { manager: string; fields: string[] } | undefined {
  if (!previous || now - previous.at > CONTEST_WINDOW_MS) return undefined;
  const { lost, takers } = takersOf(previous.owned, live);
  const manager = takers.find((taker) => previous.takers.includes(taker));
  if (manager === undefined) return undefined;
  return { manager, fields: lost.filter((path) => ownersOf(live, [path], FIELD_MANAGER).includes(manager)) };
}
