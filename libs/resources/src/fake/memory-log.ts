import type { ResourceDocument } from '@flotilla/contracts';
import type { Clock } from '@flotilla/kernel';
import { compareText, keyOf, keyText } from '../document/document-key.js';
import { isStatusAlone } from '../document/field-paths.js';
import { matchesDocument, type Selection } from '../document/selection.js';
import type { StoredDocument } from '../document/stage-write.js';
import type { LogEntry, LogPage, LogSource } from '../log/log-source.js';
import { GoneError } from '../resources.errors.js';

/** A clock begins here, as in the adapter. */
export const FIRST_RV = 1;
const MAX_PAGE = 100;

export interface MemoryEntry extends LogEntry {
  atMs: number;
  actor: string;
  fieldPaths: string[];
  /** A status that moved without sync, health or phase: watchers see it, history does not. */
  isLogged: boolean;
}

interface Kind {
  rv: number;
  floorRv: number;
  entries: MemoryEntry[];
  /** Last states below the floor, by key. */
  base: Map<string, MemoryEntry>;
}

/** The log in memory: the fake store's history and what its watchers follow. */
export class MemoryLog implements LogSource {
  readonly #clock: Clock;
  readonly #kinds = new Map<string, Kind>();
  readonly #waiting = new Set<() => void>();
  #floorMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  kind(name: string): Kind {
    const kind = this.#kinds.get(name) ?? { rv: FIRST_RV, floorRv: 0, entries: [], base: new Map() };
    this.#kinds.set(name, kind);
    return kind;
  }

  append(kindName: string, entry: Omit<MemoryEntry, 'rv'>): number {
    const kind = this.kind(kindName);
    kind.rv += 1;
    const status = entry.type === 'MODIFIED' && isStatusAlone(entry.fieldPaths) ? ({ isStatusOnly: true } as const) : {};
    kind.entries.push({ ...entry, ...status, rv: kind.rv });
    for (const settle of [...this.#waiting]) settle();
    return kind.rv;
  }

  /** Forgets every entry so far, as the retention does in time. */
  forget(): void {
    this.#floorMs = this.#clock.now() + 1;
    for (const kind of this.#kinds.values()) {
      for (const entry of kind.entries) kind.base.set(keyText(keyOf(entry.document)), entry);
      kind.floorRv = kind.rv;
      kind.entries = [];
    }
  }

  rvAt(kindName: string, atMs: number): number {
    if (atMs < this.#floorMs) throw new GoneError(`the log of ${kindName} does not reach back to ${new Date(atMs).toISOString()}`);
    const kind = this.kind(kindName);
    return kind.entries.findLast((entry) => entry.atMs <= atMs)?.rv ?? Math.max(kind.floorRv, FIRST_RV);
  }

  documentsAt(kindName: string, selection: Selection, rv: number): StoredDocument[] {
    const kind = this.kind(kindName);
    const states = new Map(kind.base);
    for (const entry of kind.entries) if (entry.rv <= rv) states.set(keyText(keyOf(entry.document)), entry);
    return [...states.values()]
      .filter(({ type, document }) => type !== 'DELETED' && matchesDocument(selection, document))
      .map((entry) => ({ document: entry.document as ResourceDocument, rv: entry.rv }))
      .sort((a, b) => compareText(keyText(keyOf(a.document)), keyText(keyOf(b.document))));
  }

  open(): () => void {
    return () => undefined;
  }

  read(kindName: string, after: number): Promise<LogPage> {
    const { rv, floorRv, entries } = this.kind(kindName);
    if (after < floorRv || after > rv) {
      return Promise.reject(new GoneError(`the log of ${kindName} holds resourceVersions ${floorRv} to ${rv}, not ${after}`));
    }
    const page = entries.filter((entry) => entry.rv > after).slice(0, MAX_PAGE);
    return Promise.resolve({ entries: page, upTo: page.length < MAX_PAGE ? rv : page.at(-1)!.rv });
  }

  moved(kindName: string, after: number, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.kind(kindName).rv > after) return Promise.resolve();
    return new Promise((resolve) => {
      const settle = () => {
        this.#waiting.delete(settle);
        signal.removeEventListener('abort', settle);
        resolve();
      };
      this.#waiting.add(settle);
      signal.addEventListener('abort', settle, { once: true });
    });
  }

  membersAt(kindName: string, selection: Selection, rv: number): Promise<Set<string>> {
    return Promise.resolve(new Set(this.documentsAt(kindName, selection, rv).map(({ document }) => document.metadata.uid ?? '')));
  }

  pause(): Promise<void> {
    return Promise.resolve();
  }
}
