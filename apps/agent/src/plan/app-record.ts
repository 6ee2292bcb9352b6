import type { OperationPhase } from '@flotilla/contracts';
import { isObject } from '@flotilla/kernel';
import type { InventoryEntry } from '@flotilla/kube';

/** One object of ours in the cluster. */
export interface ObjectRecord extends InventoryEntry {
  /** Digest of the content last applied; empty between the announcement of the first apply and its answer. */
  applied: string;
  /** The live object as the answer of that apply showed it, projected on our fields. */
  projection?: string;
  /** Fields that another manager keeps taking back; left alone until desired changes or someone syncs. */
  contested?: { manager: string; fields: string[] };
  /** A Secret of a grant; `keep`: its creation policy forbids to delete it. */
  grant?: { id: string; keep: boolean };
}

export interface OperationRecord {
  /** The asked operation's id, or `auto:<release>`. */
  id: string;
  phase: OperationPhase;
  message?: string;
  startedAt: string;
  finishedAt?: string;
  bundle: string;
  /** Attempts that failed. */
  failures: number;
  /** Milliseconds since the epoch. */
  retryAt?: number;
}

export interface RemovalRecord {
  mode: 'prune' | 'orphan';
  done: boolean;
  message?: string;
  remaining: string[];
}

/** What the agent knows of one application besides the document: its inventory and what was done. Persisted as a whole. */
export interface AppRecord {
  uid: string;
  namespace: string;
  name: string;
  deletionApproved: boolean;
  objects: Map<string, ObjectRecord>;
  /** Id of the last asked operation that was begun. */
  asked?: string;
  operation?: OperationRecord;
  removal?: RemovalRecord;
}

export function newAppRecord(app: { uid: string; namespace: string; name: string }): AppRecord {
  return { uid: app.uid, namespace: app.namespace, name: app.name, deletionApproved: false, objects: new Map() };
}

export function writeAppRecord(record: AppRecord): string {
  return JSON.stringify({ ...record, objects: [...record.objects] });
}

/** Reads what `writeAppRecord` wrote; undefined for anything else. */
export function readAppRecord(text: string): AppRecord | undefined {
  const value = JSON.parse(text) as unknown;
  if (!isObject(value) || typeof value.uid !== 'string' || !Array.isArray(value.objects)) return undefined;
  return { ...(value as unknown as AppRecord), objects: new Map(value.objects as [string, ObjectRecord][]) };
}
