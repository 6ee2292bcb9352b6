import type { ResourceDocument } from '@flotilla/contracts';
import type { SqlRunner } from '@flotilla/persistence';
import { deepFreeze } from '../document/deep-freeze.js';
import { withRv } from '../document/stage-write.js';
import type { LogEntry } from '../log/log-source.js';
import type { ChangeRecord, ResourceKey } from '../resource-store.js';
import { GoneError } from '../resources.errors.js';
import { CHANGE_COLUMNS, entryOf, recordOf, type StoredChange } from './change-rows.pg.js';
import { type ClockState, readClocks } from './clock.pg.js';
import { STATUS_KIND } from './document-codec.js';

const MAX_PAGE = 500;
const MAX_HISTORY = 500;

/** Entries with their sizes; nothing up to and including `upTo` is missing. */
export interface SizedPage {
  entries: { entry: LogEntry; bytes: number }[];
  upTo: number;
}

/** The log of changes as rows. */
export class PgChangeLog {
  readonly #sql: SqlRunner;

  constructor(sql: SqlRunner) {
    this.#sql = sql;
  }

  clocks(kinds: readonly string[]): Promise<Map<string, ClockState>> {
    return readClocks(this.#sql, kinds);
  }

  /**
   * What watchers see after an rv: the log and, for applications, statuses that moved without a log row, latest state per key.
   * @param head an rv of the clock that is known to be committed
   * @throws GoneError below the retention
   */
  async follow(kind: string, after: number, head: number): Promise<SizedPage> {
    const rows = await this.#sql.query<StoredChange>(
      `SELECT ${CHANGE_COLUMNS} FROM resources.changes WHERE kind = $1 AND rv > $2 AND rv <= $3 ORDER BY rv LIMIT ${MAX_PAGE}`,
      [kind, after, head],
    );
    const logged = rows.map(entryOf);
    const moved = kind === STATUS_KIND ? await this.#statuses(after, head) : [];
    await this.#assertReaches(kind, after);
    const upTo = Math.min(...[logged, moved].map((list) => (list.length < MAX_PAGE ? head : list.at(-1)!.entry.rv)));
    const known = new Set(logged.map(({ entry }) => entry.rv));
    const entries = [...logged, ...moved.filter(({ entry }) => !known.has(entry.rv))].filter(({ entry }) => entry.rv <= upTo);
    return { entries: entries.sort((a, b) => a.entry.rv - b.entry.rv), upTo };
  }

  /**
   * The records after an rv, oldest first, for consumers that keep a cursor; an empty answer is the end.
   * @throws GoneError below the retention: read the current documents instead and go on from their list's rv
   */
  async read(kind: string, after: number, limit = MAX_PAGE): Promise<ChangeRecord[]> {
    const rows = await this.#sql.query<StoredChange>(
      `SELECT ${CHANGE_COLUMNS} FROM resources.changes WHERE kind = $1 AND rv > $2 ORDER BY rv LIMIT $3`,
      [kind, after, Math.min(limit, MAX_PAGE)],
    );
    await this.#assertReaches(kind, after);
    return rows.map(recordOf);
  }

  async history({ kind, namespace, name }: ResourceKey, limit = 50): Promise<ChangeRecord[]> {
    const rows = await this.#sql.query<StoredChange>(
      `SELECT ${CHANGE_COLUMNS} FROM resources.changes WHERE kind = $1 AND namespace = $2 AND name = $3 ORDER BY rv DESC LIMIT $4`,
      [kind, namespace, name, Math.min(limit, MAX_HISTORY)],
    );
    return rows.map(recordOf);
  }

  /** A document that is newer than its status has a log row of its own, which shows both. */
  async #statuses(after: number, head: number): Promise<SizedPage['entries']> {
    const rows = await this.#sql.query<{ rv: string; status: unknown; document: ResourceDocument; bytes: number }>(
      `SELECT s.rv, s.status, d.document, length(s.status::text) + pg_column_size(d.document) AS bytes
       FROM resources.application_status s JOIN resources.documents d ON d.uid = s.uid
       WHERE s.rv > $1 AND s.rv <= $2 AND s.rv > d.rv ORDER BY s.rv LIMIT ${MAX_PAGE}`,
      [after, head],
    );
    return rows.map(({ rv, status, document, bytes }) => ({
      entry: { rv: Number(rv), type: 'MODIFIED', document: deepFreeze(withRv({ ...document, status }, Number(rv))), isStatusOnly: true },
      bytes,
    }));
  }

  /** Asked after the rows were read: a partition dropped in between would look like silence. */
  async #assertReaches(kind: string, after: number): Promise<void> {
    const clock = (await this.clocks([kind])).get(kind);
    if (clock && (after < clock.floorRv || after > clock.rv)) throw goneError(kind, after, clock);
  }
}

export function goneError(kind: string, after: number, { rv, floorRv }: ClockState): GoneError {
  return new GoneError(`the log of ${kind} holds resourceVersions ${floorRv} to ${rv}, not ${after}; list again and watch from there`, {
    kind,
    resourceVersion: String(after),
  });
}
