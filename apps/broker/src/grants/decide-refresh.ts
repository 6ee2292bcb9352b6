import type { GrantRow } from './value.store.js';

/** When a grant's value is read again by itself. */
export interface RefreshRule {
  /** 0: never by itself. */
  intervalMs: number;
  /** `CreatedOnce`: once, and when somebody asks for a rotation. */
  once: boolean;
}

export type RefreshDecision = { read: true } | { waitMs: number | undefined };

/**
 * Whether the provider is read now.
 *
 * @param input digest of all the value is made from
 */
export function decideRefresh(row: GrantRow | undefined, input: string, now: number): RefreshDecision {
  if (row?.input !== input) return { read: true };
  if (row.nextAt === undefined) return { waitMs: undefined };
  return row.nextAt <= now ? { read: true } : { waitMs: row.nextAt - now };
}

/**
 * Next regular read, at most an interval away. Grants of the same phase are due together, so that one read serves them all;
 * different ones spread over the interval.
 *
 * @param phase any number, the same for the same keys of the same store
 */
export function nextRefresh({ intervalMs, once }: RefreshRule, phase: number, now: number): number | undefined {
  if (once || intervalMs === 0) return undefined;
  const offset = phase % intervalMs;
  return (Math.floor((now - offset) / intervalMs) + 1) * intervalMs + offset;
}
