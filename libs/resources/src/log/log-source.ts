import type { ResourceDocument } from '@flotilla/contracts';
import type { Selection } from '../document/selection.js';

/** One entry of a kind's log as every watcher gets it: frozen, with its resourceVersion set. */
export interface LogEntry {
  rv: number;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  document: ResourceDocument;
  traceparent?: string;
  /** Nothing but `status` moved. */
  isStatusOnly?: true;
}

/** Consecutive entries; nothing up to and including `upTo` is missing. */
export interface LogPage {
  entries: readonly LogEntry[];
  upTo: number;
}

/** What watchers follow. */
export interface LogSource {
  /** Has the log of a kind followed until the returned function is called. */
  open(kind: string): () => void;
  /** The entries after an rv, a bounded number; throws GoneError when the log does not reach back to it. */
  read(kind: string, after: number): Promise<LogPage>;
  /** Resolves when there may be entries after an rv, or when the signal aborts. */
  moved(kind: string, after: number, signal: AbortSignal): Promise<void>;
  /** uids of the documents that met the selection at an rv. */
  membersAt(kind: string, selection: Selection, rv: number): Promise<Set<string>>;
  /** Waits before the source is asked again after it was away. */
  pause(signal: AbortSignal): Promise<void>;
}
