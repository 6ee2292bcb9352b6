import { ConflictError } from '@flotilla/kernel';
import type { Database, Row, SqlRunner } from '@flotilla/persistence';
import DataLoader from 'dataloader';
import { type Failed, type Good, type GrantPlace, type GrantRow, ValueStore } from './value.store.js';

interface ValueRow extends Row {
  namespace: string;
  name: string;
  uid: string;
  version: string | null;
  sealed: string | null;
  since: Date | null;
  refreshed_at: Date | null;
  input: string | null;
  failures: number;
  failing_since: Date | null;
  next_at: Date | null;
  blocked: string | null;
}

const COLUMNS = 'namespace, name, uid, version, sealed, since, refreshed_at, input, failures, failing_since, next_at, blocked';

/** A rotation brings a fleet at once: what is asked in one turn of the event loop is one query. */
const HERD = { cache: false, maxBatchSize: 500, batchScheduleFn: (run: () => void) => void setImmediate(run) } as const;
const placeText = ({ namespace, name }: GrantPlace): string => `${namespace}/${name}`;

export class PgValueStore extends ValueStore {
  readonly #database: Database;
  readonly #rows = new DataLoader<GrantPlace, GrantRow | undefined>((places) => this.#read(places), HERD);

  constructor(database: Database) {
    super();
    this.#database = database;
  }

  async get(place: GrantPlace): Promise<GrantRow | undefined> {
    return this.#rows.load(place);
  }

  async list(places: readonly GrantPlace[]): Promise<GrantRow[]> {
    const rows = await Promise.all([...new Map(places.map((place) => [placeText(place), place])).values()].map((place) => this.get(place)));
    return rows.filter((row) => row !== undefined);
  }

  async #read(places: readonly GrantPlace[]): Promise<(GrantRow | undefined)[]> {
    const distinct = [...new Map(places.map((place) => [placeText(place), place])).values()];
    const rows = await this.#database.query<ValueRow>(
      `SELECT ${COLUMNS} FROM broker.values JOIN unnest($1::text[], $2::text[]) AS wanted(ns, n) ON namespace = ns AND name = n`,
      [distinct.map(({ namespace }) => namespace), distinct.map(({ name }) => name)],
    );
    const found = new Map(rows.map((row) => [placeText(row), fromRow(row)]));
    return places.map((place) => found.get(placeText(place)));
  }

  async claim({ namespace, name, uid }: GrantPlace & { uid: string }, holder: string, ttlMs: number): Promise<GrantRow | undefined> {
    await this.#database.query('DELETE FROM broker.values WHERE namespace = $1 AND name = $2 AND uid <> $3', [namespace, name, uid]);
    const [row] = await this.#database.query<ValueRow>(
      `INSERT INTO broker.values AS held (namespace, name, uid, claimed_by, claimed_until)
       VALUES ($1, $2, $3, $4, clock_timestamp() + $5 * interval '1 millisecond')
       ON CONFLICT (namespace, name) DO UPDATE SET claimed_by = excluded.claimed_by, claimed_until = excluded.claimed_until
         WHERE held.claimed_until IS NULL OR held.claimed_until <= clock_timestamp()
       RETURNING ${COLUMNS}`,
      [namespace, name, uid, holder, ttlMs],
    );
    return row && fromRow(row);
  }

  async keep(tx: SqlRunner, place: GrantPlace, holder: string, good: Good): Promise<void> {
    const { version, sealed, since, refreshedAt, input, nextAt } = good;
    await this.#settle(
      tx,
      place,
      holder,
      `version = $4, sealed = $5, since = $6, refreshed_at = $7, input = $8, next_at = $9, failures = 0, failing_since = NULL, blocked = NULL`,
      [version, sealed, new Date(since), new Date(refreshedAt), input, nextAt === undefined ? null : new Date(nextAt)],
    );
  }

  async fail(tx: SqlRunner, place: GrantPlace, holder: string, { input, failures, failingSince, nextAt }: Failed): Promise<void> {
    await this.#settle(tx, place, holder, 'input = $4, failures = $5, failing_since = $6, next_at = $7', [
      input,
      failures,
      new Date(failingSince),
      new Date(nextAt),
    ]);
  }

  async #settle(tx: SqlRunner, { namespace, name }: GrantPlace, holder: string, set: string, values: readonly unknown[]): Promise<void> {
    const rows = await tx.query(
      `UPDATE broker.values SET ${set}, claimed_by = NULL, claimed_until = NULL
       WHERE namespace = $1 AND name = $2 AND claimed_by = $3 RETURNING name`,
      [namespace, name, holder, ...values],
    );
    if (rows.length === 0)
      throw new ConflictError(`another copy of the broker took SecretGrant ${namespace}/${name} over`, { namespace, name });
  }

  async release({ namespace, name }: GrantPlace, holder: string): Promise<void> {
    await this.#database.query(
      'UPDATE broker.values SET claimed_by = NULL, claimed_until = NULL WHERE namespace = $1 AND name = $2 AND claimed_by = $3',
      [namespace, name, holder],
    );
  }

  async block({ namespace, name }: GrantPlace, why: string | undefined): Promise<void> {
    await this.#database.query('UPDATE broker.values SET blocked = $3 WHERE namespace = $1 AND name = $2 AND blocked IS DISTINCT FROM $3', [
      namespace,
      name,
      why ?? null,
    ]);
  }

  async remove({ namespace, name }: GrantPlace): Promise<void> {
    await this.#database.query('DELETE FROM broker.values WHERE namespace = $1 AND name = $2', [namespace, name]);
  }
}

function fromRow(row: ValueRow): GrantRow {
  const { namespace, name, uid, failures } = row;
  const optional = {
    version: row.version,
    sealed: row.sealed,
    since: row.since?.getTime(),
    refreshedAt: row.refreshed_at?.getTime(),
    input: row.input,
    failingSince: row.failing_since?.getTime(),
    nextAt: row.next_at?.getTime(),
    blocked: row.blocked,
  };
  const present = Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== null && value !== undefined));
  return { namespace, name, uid, failures, ...present };
}
