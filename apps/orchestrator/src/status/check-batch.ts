import type { StatusBatch } from '@flotilla/contracts';

/** Where a spoke's stream of status stands. */
export interface ReportPosition {
  session: number;
  seq: number;
  /** Sequence number at which the snapshot in progress began. */
  snapshotFrom?: number;
}

export type Verdict = { next: ReportPosition; endsSnapshot: boolean } | { refused: 'snapshot' };

/**
 * Whether a batch continues what is recorded. A snapshot begins anywhere; a part has to follow without a gap. The last
 * number again is taken again: the agent builds an unacknowledged batch anew, so it may hold more than the first time.
 */
export function checkBatch(
  position: ReportPosition,
  { session, seq, snapshot }: Pick<StatusBatch, 'session' | 'seq' | 'snapshot'>,
): Verdict {
  if (snapshot === 'start') return { next: { session, seq, snapshotFrom: seq }, endsSnapshot: false };
  if (snapshot === 'whole') return { next: { session, seq, snapshotFrom: seq }, endsSnapshot: true };
  if (position.session !== session || (seq !== position.seq && seq !== position.seq + 1)) return { refused: 'snapshot' };
  if (snapshot === undefined) return { next: { ...position, seq, snapshotFrom: undefined }, endsSnapshot: false };
  if (position.snapshotFrom === undefined) return { refused: 'snapshot' };
  return { next: { ...position, seq }, endsSnapshot: snapshot === 'end' };
}
