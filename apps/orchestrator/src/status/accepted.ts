import type { StatusBatch } from '@flotilla/contracts';
import type { ReportPosition } from './check-batch.js';

/** A batch that was found to continue what is recorded. */
export interface Accepted {
  cluster: string;
  batch: StatusBatch;
  position: ReportPosition;
  endsSnapshot: boolean;
}
