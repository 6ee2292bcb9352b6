import type { Clock } from '@flotilla/kernel';
import type { Database, SqlRunner } from '@flotilla/persistence';
import { compareText } from '../document/document-key.js';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Days prepared ahead: a keeper that stands still that long leaves rows to the default partition, which loses nothing. */
const DAYS_AHEAD = 3;
const LOCK_NAME = 'flotilla:resources:log-retention';
const PARTITION = /^changes_(\d{4})(\d\d)(\d\d)$/;

export interface LogRetentionOptions {
  database: Database;
  clock: Clock;
  /** How far back watch, asOf and history reach. Default 7. */
  retentionDays?: number;
}

/** Keeps the log's partitions: one per day (UTC), some ahead, none older than the retention. Safe to run in several processes. */
export class LogRetention {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #retentionMs: number;

  constructor({ database, clock, retentionDays = 7 }: LogRetentionOptions) {
    this.#database = database;
    this.#clock = clock;
    this.#retentionMs = retentionDays * DAY_MS;
  }

  async run(): Promise<{ created: string[]; dropped: string[] }> {
    const today = Math.floor(this.#clock.now() / DAY_MS) * DAY_MS;
    const created: string[] = [];
    for (let day = 0; day <= DAYS_AHEAD; day += 1) {
      const startMs = today + day * DAY_MS;
      if (await this.#exclusively((sql) => createPartition(sql, startMs))) created.push(partitionName(startMs));
    }
    const dropped: string[] = [];
    for (const { name, startMs } of await listPartitions(this.#database)) {
      if (startMs + DAY_MS > this.#clock.now() - this.#retentionMs) continue;
      await this.#exclusively((sql) => keepLastStates(sql, name));
      if (await this.#exclusively((sql) => dropPartition(sql, name, startMs))) dropped.push(name);
    }
    return { created, dropped };
  }

  #exclusively<T>(work: (sql: SqlRunner) => Promise<T>): Promise<T> {
    return this.#database.transaction(async (sql) => {
      await sql.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [LOCK_NAME]);
      // Rather fail and come again than hold up writers behind a wait for a long reader.
      await sql.query(`SET LOCAL lock_timeout = '3s'; SET LOCAL statement_timeout = 0`);
      return work(sql);
    });
  }
}

/** Runs the retention now and every hour until the signal aborts. */
export async function keepLog(
  retention: LogRetention,
  clock: Clock,
  signal: AbortSignal,
  onError?: (error: unknown) => void,
): Promise<void> {
  while (!signal.aborted) {
    await retention.run().catch((error: unknown) => onError?.(error));
    await clock.sleep(DAY_MS / 24, signal).catch(() => undefined);
  }
}

function partitionName(startMs: number): string {
  return `changes_${new Date(startMs).toISOString().slice(0, 10).replaceAll('-', '')}`;
}

async function listPartitions(sql: SqlRunner): Promise<{ name: string; startMs: number }[]> {
  const rows = await sql.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
     WHERE i.inhparent = 'resources.changes'::regclass ORDER BY c.relname`,
  );
  return rows.flatMap(({ name }) => {
    const day = PARTITION.exec(name);
    return day ? [{ name, startMs: Date.UTC(Number(day[1]), Number(day[2]) - 1, Number(day[3])) }] : [];
  });
}

async function createPartition(sql: SqlRunner, startMs: number): Promise<boolean> {
  const name = partitionName(startMs);
  if ((await listPartitions(sql)).some((partition) => partition.name === name)) return false;
  const [from, to] = [new Date(startMs).toISOString(), new Date(startMs + DAY_MS).toISOString()];
  // A writer that chose the default partition before this one was attached would fail at commit of the attachment, so writers wait.
  // Rows of that day that came before their partition wait in the default one, which must not hold them when it is attached.
  await sql.query(
    `LOCK TABLE ONLY resources.changes IN SHARE ROW EXCLUSIVE MODE;
     CREATE TABLE resources.${name} (LIKE resources.changes INCLUDING DEFAULTS);
     WITH early AS (DELETE FROM resources.changes_default WHERE at >= '${from}' AND at < '${to}' RETURNING *)
       INSERT INTO resources.${name} SELECT * FROM early;
     ALTER TABLE resources.changes ATTACH PARTITION resources.${name} FOR VALUES FROM ('${from}') TO ('${to}')`,
  );
  return true;
}

/** What a later asOf needs of documents that did not change within the retention. Old days get no new rows, so this may run before the drop. */
async function keepLastStates(sql: SqlRunner, name: string): Promise<void> {
  const [exists] = await sql.query<{ id: string | null }>('SELECT to_regclass($1) AS id', [`resources.${name}`]);
  if (!exists?.id) return;
  await sql.query(
    `INSERT INTO resources.changes_base AS base SELECT DISTINCT ON (kind, uid) * FROM resources.${name} ORDER BY kind, uid, rv DESC
     ON CONFLICT (kind, uid) DO UPDATE SET rv = excluded.rv, type = excluded.type, actor = excluded.actor, at = excluded.at,
       field_paths = excluded.field_paths, document = excluded.document, traceparent = excluded.traceparent
       WHERE base.rv < excluded.rv`,
  );
}

/** Clocks first, as writers have it: whoever writes to the log holds one. */
async function dropPartition(sql: SqlRunner, name: string, startMs: number): Promise<boolean> {
  if (!(await listPartitions(sql)).some((partition) => partition.name === name)) return false;
  const newest = await sql.query<{ kind: string; rv: string }>(`SELECT kind, max(rv) AS rv FROM resources.${name} GROUP BY kind`);
  await sql.query('SELECT kind FROM resources.clock ORDER BY kind FOR UPDATE');
  for (const { kind, rv } of newest.sort((a, b) => compareText(a.kind, b.kind))) {
    await sql.query('UPDATE resources.clock SET floor_rv = greatest(floor_rv, $2) WHERE kind = $1', [kind, rv]);
  }
  await sql.query('UPDATE resources.log_floor SET at = greatest(at, $1)', [new Date(startMs + DAY_MS).toISOString()]);
  await sql.query(`DROP TABLE resources.${name}`);
  await sql.query(`DELETE FROM resources.changes_base WHERE type = 'DELETED'`);
  return true;
}
