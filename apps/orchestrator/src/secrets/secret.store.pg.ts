import type { ReceiptsVerb, ReceiptsVerbReply, SecretGrant } from '@flotilla/contracts';
import type { Database, SqlRunner } from '@flotilla/persistence';
import { addWork } from '../queue/work-queue.pg.js';
import { type Askers, SecretStore, type SourceKey } from './secret.store.js';

/** $1 is the time before which a source was last asked for. */
const UNUSED = `s.used_at < $1
  AND NOT EXISTS (SELECT 1 FROM orchestrator.release_secrets r WHERE r.namespace = s.namespace AND r.source = s.name)
  AND NOT EXISTS (SELECT 1 FROM orchestrator.document_grants g WHERE g.namespace = s.namespace AND g.source = s.name)`;

/** Looks no further than the first that differs: an object that ten thousand applications share has as many rows. */
const ASKERS = `WITH one AS (
    SELECT s.application, s.cluster, r.unit, u.kind, u.name FROM orchestrator.release_secrets s
      JOIN orchestrator.releases r USING (release) JOIN orchestrator.units u USING (unit)
    WHERE s.namespace = $1 AND s.source = $2 LIMIT 1
  )
  SELECT CASE WHEN NOT EXISTS (SELECT 1 FROM orchestrator.release_secrets s
      WHERE s.namespace = $1 AND s.source = $2 AND s.application <> one.application) THEN one.application END AS application,
    CASE WHEN NOT EXISTS (SELECT 1 FROM orchestrator.release_secrets s
      WHERE s.namespace = $1 AND s.source = $2 AND s.cluster <> one.cluster) THEN one.cluster END AS cluster,
    CASE WHEN one.kind = 'ApplicationSet' AND NOT EXISTS (SELECT 1 FROM orchestrator.release_secrets s
      JOIN orchestrator.releases r USING (release)
      WHERE s.namespace = $1 AND s.source = $2 AND r.unit <> one.unit) THEN one.name END AS set
  FROM one`;

interface ReceiptRow {
  cluster: string;
  application: string;
  source: string;
  grant_id: string;
  version: string | null;
  done: boolean | null;
  message: string | null;
  observed_at: string | null;
  /** The version its SecretGrant has by now. */
  current: string | null;
  [column: string]: unknown;
}

type Receipt = ReceiptsVerbReply['receipts'][number];

/** Documents that become due at the same time when all do. */
const SLICE = 100;

/** Rows one answer holds. */
const MAX_RECEIPTS = 20_000;

export class PgSecretStore extends SecretStore {
  readonly #database: Database;

  constructor(database: Database) {
    super();
    this.#database = database;
  }

  override async spec({ namespace, name }: SourceKey): Promise<SecretGrant['spec'] | undefined> {
    const [row] = await this.#database.query<{ spec: SecretGrant['spec'] }>(
      'SELECT spec FROM orchestrator.secret_sources WHERE namespace = $1 AND name = $2',
      [namespace, name],
    );
    return row?.spec;
  }

  override async askers({ namespace, name }: SourceKey): Promise<Askers | undefined> {
    const [row] = await this.#database.query<{ application: string | null; cluster: string | null; set: string | null }>(ASKERS, [
      namespace,
      name,
    ]);
    if (!row) return undefined;
    const { application, cluster, set } = row;
    return { ...(application ? { application } : {}), ...(set ? { applicationSet: set } : {}), ...(cluster ? { cluster } : {}) };
  }

  override async isKept(sql: SqlRunner, { namespace, name }: SourceKey): Promise<boolean> {
    const kept = await sql.query('SELECT 1 FROM orchestrator.secret_sources WHERE namespace = $1 AND name = $2 FOR SHARE', [
      namespace,
      name,
    ]);
    return kept.length > 0;
  }

  /** Whoever writes a document holds its sources' rows shared, so what was written with the former version is seen here. */
  override observe({ namespace, name }: SourceKey, { version, rv }: { version: string; rv: string }, now: number): Promise<boolean> {
    return this.#database.transaction(async (sql) => {
      const changed = await sql.query(
        `UPDATE orchestrator.secret_sources SET version = $3, rv = $4
         WHERE namespace = $1 AND name = $2 AND rv <= $4 AND version IS DISTINCT FROM $3 RETURNING name`,
        [namespace, name, version, rv],
      );
      if (changed.length === 0) return false;
      const due = await sql.query<{ cluster: string }>(
        'SELECT DISTINCT cluster FROM orchestrator.document_grants WHERE namespace = $1 AND source = $2',
        [namespace, name],
      );
      await addWork(
        sql,
        'cluster',
        due.map(({ cluster }) => cluster),
        now,
      );
      return true;
    });
  }

  override async rewrite({ namespace, name }: SourceKey, now: number): Promise<void> {
    await addWork(this.#database, 'summary', [`grant:${namespace}/${name}`], now);
  }

  override async rewriteAll(now: number, withinMs: number): Promise<void> {
    const keys = await this.#database.query<{ namespace: string; name: string }>('SELECT namespace, name FROM orchestrator.secret_sources');
    for (let i = 0; i < keys.length; i += SLICE) {
      const slice = keys.slice(i, i + SLICE).map(({ namespace, name }) => `grant:${namespace}/${name}`);
      await addWork(this.#database, 'summary', slice, now + Math.floor((i / keys.length) * withinMs));
    }
  }

  override unused(before: number, limit: number): Promise<SourceKey[]> {
    return this.#database.query<{ namespace: string; name: string }>(
      `SELECT namespace, name FROM orchestrator.secret_sources s WHERE ${UNUSED} ORDER BY namespace, name LIMIT $2`,
      [before, limit],
    );
  }

  /** A release that asks for it meanwhile raises `used_at`, which this row's lock waits for and sees. */
  override async forget(sql: SqlRunner, { namespace, name }: SourceKey, before: number): Promise<boolean> {
    const gone = await sql.query(
      `DELETE FROM orchestrator.secret_sources s WHERE s.namespace = $2 AND s.name = $3 AND ${UNUSED} RETURNING s.name`,
      [before, namespace, name],
    );
    return gone.length > 0;
  }

  override async receipts({ namespace, source }: ReceiptsVerb): Promise<ReceiptsVerbReply['receipts']> {
    const rows = await this.#database.query<ReceiptRow>(
      `SELECT g.cluster, g.application, g.source, g.grant_id, r.version, r.done, r.message, r.observed_at, s.version AS current
       FROM orchestrator.document_grants g LEFT JOIN orchestrator.secret_receipts r USING (cluster, grant_id)
         LEFT JOIN orchestrator.secret_sources s ON s.namespace = g.namespace AND s.name = g.source
       WHERE ($1::text IS NULL OR g.namespace = $1) AND ($2::text IS NULL OR g.source = $2)
       ORDER BY g.cluster, g.application, g.source LIMIT ${MAX_RECEIPTS}`,
      [namespace ?? null, source ?? null],
    );
    return rows.map(toReceipt);
  }
}

/** What was done with a former version is not done any more. */
function toReceipt({ cluster, application, source, grant_id, version, done, message, observed_at, current }: ReceiptRow): Receipt {
  const isFormer = done === true && current !== null && version !== current;
  const said = observed_at === null ? 'the cluster has not reported on it yet' : isFormer ? 'another version is on its way' : message;
  return {
    cluster,
    application,
    source,
    grant: grant_id,
    done: done === true && !isFormer,
    ...(version ? { version } : {}),
    ...(said ? { message: said } : {}),
    ...(observed_at ? { observedAt: observed_at } : {}),
  };
}
