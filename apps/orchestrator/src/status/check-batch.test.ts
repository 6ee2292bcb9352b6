import { describe, expect, test } from 'vitest';
import { checkBatch } from './check-batch.js';

describe('a batch of status', () => {
  const at = { session: 3, seq: 7 };

  test('continues its session without a gap, or is asked for a snapshot', () => {
    expect(checkBatch(at, { session: 3, seq: 8 })).toEqual({ next: { session: 3, seq: 8, snapshotFrom: undefined }, endsSnapshot: false });
    expect(checkBatch(at, { session: 3, seq: 9 })).toEqual({ refused: 'snapshot' });
    expect(checkBatch(at, { session: 4, seq: 1 })).toEqual({ refused: 'snapshot' });
    expect(checkBatch(at, { session: 3, seq: 6 })).toEqual({ refused: 'snapshot' });
  });

  test('is taken again under its own number, because it may hold more', () => {
    expect(checkBatch(at, { session: 3, seq: 7 })).toMatchObject({ next: { seq: 7 } });
  });

  test('may begin a snapshot anywhere and has to end one that began', () => {
    expect(checkBatch(at, { session: 4, seq: 1, snapshot: 'whole' })).toMatchObject({
      next: { session: 4, snapshotFrom: 1 },
      endsSnapshot: true,
    });
    const begun = checkBatch(at, { session: 4, seq: 1, snapshot: 'start' });
    expect(begun).toMatchObject({ next: { snapshotFrom: 1 }, endsSnapshot: false });
    expect(checkBatch({ session: 4, seq: 1, snapshotFrom: 1 }, { session: 4, seq: 2, snapshot: 'end' })).toMatchObject({
      endsSnapshot: true,
    });
    expect(checkBatch(at, { session: 3, seq: 8, snapshot: 'part' })).toEqual({ refused: 'snapshot' });
  });
});
