import type { AppStatus, ResourceStatus, StatusBatch, StatusReply } from '@flotilla/contracts';
import type { SpokeId } from '@flotilla/kernel';
import type { Revisions } from '../candidates/pin-commits.js';
import type { HubCondition } from '../fleet/fleet.store.js';
import type { MemberContent } from '../releases/freeze-member.js';

export interface SpokeBatch {
  spoke: SpokeId;
  batch: StatusBatch;
}

/** One spoke's report on one application, with its objects. */
export interface Report extends Omit<AppStatus, 'resources' | 'goneResources' | 'complete' | 'uid'> {
  cluster: string;
  resources: ResourceStatus[];
}

export interface HistoryEntry {
  id: number;
  release: string;
  entry: Record<string, unknown>;
}

/** All that the served status of an application is made of. */
export interface StatusInput {
  uid: string;
  namespace: string;
  name: string;
  document: { spec: import('@flotilla/contracts').ApplicationSpec };
  isDeleting: boolean;
  hubConditions: HubCondition[];
  requested?: Record<string, unknown> & { id: string };
  assignment?: {
    cluster: string;
    release: string;
    label: string;
    content: MemberContent;
    revisions: Revisions;
    assignedAt: number;
    operation?: Record<string, unknown>;
  };
  cluster?: { phase: string; since?: string; observe?: string };
  reports: Report[];
  removals: { cluster: string; mode: string; message?: string }[];
  history: HistoryEntry[];
}

export interface StatusOutput {
  uid: string;
  /** A release that has just been reported in full; becomes the next entry of the history. */
  deployed?: { release: string; entry: Record<string, unknown>; keep: number };
}

export abstract class StatusStore {
  /** One transaction for many spokes; a reply per batch, in order. */
  abstract ingest(batches: readonly SpokeBatch[], now: number): Promise<StatusReply[]>;
  /**
   * Takes applications whose served status may have changed; `serve` is called inside the transaction that marks them served. False
   * when there was none.
   */
  abstract project(limit: number, serve: (inputs: readonly StatusInput[]) => Promise<readonly StatusOutput[]>): Promise<boolean>;
}
