import type { StatusBatch, StatusReply } from '@flotilla/contracts';
import { ManualClock, newSpokeId, UnavailableError } from '@flotilla/kernel';
import { silentLogger } from '@flotilla/telemetry';
import { describe, expect, test } from 'vitest';
import type { AdmitSpoke } from '../desired/admit-spoke.js';
import { IngestStatus } from './ingest-status.js';
import { type SpokeBatch, StatusStore } from './status.store.js';

const batch = (seq: number): StatusBatch => ({ session: 1, seq, apps: [], gone: [], receipts: [] });

/** Fails any round that holds a poisoned batch; keeps how large the rounds were. */
class PickyStore extends StatusStore {
  readonly rounds: number[] = [];
  readonly poison: number;
  isAway = false;

  constructor(poison = -1) {
    super();
    this.poison = poison;
  }

  override async ingest(batches: readonly SpokeBatch[]): Promise<StatusReply[]> {
    this.rounds.push(batches.length);
    if (this.isAway) throw new UnavailableError('away');
    if (batches.some(({ batch: { seq } }) => seq === this.poison)) throw new Error('invalid byte sequence');
    return batches.map(({ batch: { seq } }) => ({ seq }));
  }

  override project(): Promise<boolean> {
    return Promise.resolve(false);
  }
}

const admitAll = { admit: async () => ({}) } as unknown as AdmitSpoke;
const ingestOver = (status: StatusStore) =>
  new IngestStatus({ status, spokes: admitAll, clock: new ManualClock(), logger: silentLogger, nudge: () => {} });

describe('status from many spokes', () => {
  test('is written together, and one bad batch is found without hurting the others', async () => {
    const store = new PickyStore(13);
    const ingest = ingestOver(store);
    const replies = await Promise.all(Array.from({ length: 40 }, (_, seq) => ingest.take({ spoke: newSpokeId(), content: batch(seq) })));
    expect(replies.filter((reply) => 'error' in reply)).toEqual([{ error: { code: 'invalid', message: 'batch 13 cannot be stored' } }]);
    expect(replies[12]).toEqual({ seq: 12 });
    expect(store.rounds.length).toBeLessThan(20);
  });

  test('is not answered as stored while the database is away', async () => {
    const store = new PickyStore();
    store.isAway = true;
    await expect(ingestOver(store).take({ spoke: newSpokeId(), content: batch(1) })).rejects.toThrow(UnavailableError);
    expect(store.rounds).toEqual([1]);
  });

  test('of one spoke is written in the order it came', async () => {
    const store = new PickyStore();
    const ingest = ingestOver(store);
    const spoke = newSpokeId();
    await Promise.all([1, 2, 3].map((seq) => ingest.take({ spoke, content: batch(seq) })));
    expect(store.rounds).toEqual([1, 1, 1]);
  });
});
