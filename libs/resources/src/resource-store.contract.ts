import { afterAll, beforeAll } from 'vitest';
import { describeDeletion } from './contract/deletion.contract.js';
import { describeReads } from './contract/reads.contract.js';
import type { StoreUnderTest } from './contract/sample.js';
import { describeStatus } from './contract/status.contract.js';
import { describeWatch } from './contract/watch.contract.js';
import { describeWrites } from './contract/writes.contract.js';

/** What every adapter of ResourceStore does. */
export function describeResourceStore(open: () => Promise<StoreUnderTest>): void {
  let opened: StoreUnderTest;
  beforeAll(async () => {
    opened = await open();
  });
  afterAll(() => opened.close());
  const current = () => opened;
  describeWrites(current);
  describeReads(current);
  describeDeletion(current);
  describeWatch(current);
  describeStatus(current);
}
