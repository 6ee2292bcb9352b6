import type { ResourceDocument } from '@flotilla/contracts';
import type { Database, SqlRunner } from '@flotilla/persistence';
import { ApplicationStatusWriter, type StatusRow, type WriteContext } from '../resource-store.js';
import { insertChanges } from './change-rows.pg.js';
import { takeRvs } from './clock.pg.js';
import { STATUS_KIND } from './document-codec.js';
import { movedPaths, type RestingStatus, restingStatus, upsertStatuses } from './status-rows.pg.js';

/** Rows per statement: the size from which larger batches gain little. */
const BATCH = 2_000;

interface Known {
  uid: string;
  digest: Buffer | null;
  summary: string | null;
  [column: string]: unknown;
}

/** Batches of statuses, one rv range each; rows of applications that do not exist (any more) are left out. */
export class PgApplicationStatusWriter extends ApplicationStatusWriter {
  readonly #database: Database;
  readonly #onCommitted: ((kinds: readonly string[]) => void) | undefined;

  /** @param onCommitted told after commit when a batch of its own transaction changed anything */
  constructor(database: Database, onCommitted?: (kinds: readonly string[]) => void) {
    super();
    this.#database = database;
    this.#onCommitted = onCommitted;
  }

  override async upsert(rows: readonly StatusRow[], context: WriteContext, tx?: SqlRunner): Promise<void> {
    const resting = [...new Map(rows.map(({ uid, status }) => [uid, restingStatus(uid, status)])).values()];
    for (let i = 0; i < resting.length; i += BATCH) {
      const batch = resting.slice(i, i + BATCH);
      if (tx) {
        await upsertBatch(tx, batch, context);
        continue;
      }
      const hasChanged = await this.#database.transaction((own) => upsertBatch(own, batch, context));
      if (hasChanged) this.#onCommitted?.([STATUS_KIND]);
    }
  }
}

/** Looks first without the clock: most batches repeat what is known, and those hold up nobody. */
async function upsertBatch(sql: SqlRunner, batch: readonly RestingStatus[], context: WriteContext): Promise<boolean> {
  const hinted = changedOf(batch, await readKnown(sql, batch));
  if (hinted.length === 0) return false;
  const { last, at } = await takeRvs(sql, STATUS_KIND, hinted.length);
  const known = await readKnown(sql, hinted);
  const changed = changedOf(hinted, known).map((row, i) => ({ ...row, rv: last - hinted.length + 1 + i }));
  await upsertStatuses(sql, changed);
  const moved = changed.filter(({ uid, summary }) => known.get(uid)?.summary !== summary);
  const documents = await readDocuments(
    sql,
    moved.map(({ uid }) => uid),
  );
  const logged = moved.flatMap(({ uid, rv, summary, text }) => {
    const document = documents.get(uid);
    if (!document) return [];
    const fieldPaths = movedPaths(known.get(uid)?.summary ?? undefined, summary);
    return [{ rv, type: 'MODIFIED' as const, at, document: { ...document, status: JSON.parse(text) as unknown }, fieldPaths }];
  });
  await insertChanges(sql, logged, context);
  return changed.length > 0;
}

function changedOf(batch: readonly RestingStatus[], known: ReadonlyMap<string, Known>): RestingStatus[] {
  return batch.filter(({ uid, digest }) => {
    const row = known.get(uid);
    return row !== undefined && !(row.digest && digest.equals(row.digest));
  });
}

async function readKnown(sql: SqlRunner, batch: readonly RestingStatus[]): Promise<Map<string, Known>> {
  const rows = await sql.query<Known>(
    `SELECT d.uid, s.digest, s.summary FROM resources.documents d LEFT JOIN resources.application_status s ON s.uid = d.uid
     WHERE d.kind = '${STATUS_KIND}' AND d.uid = ANY($1)`,
    [batch.map(({ uid }) => uid)],
  );
  return new Map(rows.map((row) => [row.uid, row]));
}

async function readDocuments(sql: SqlRunner, uids: readonly string[]): Promise<Map<string, ResourceDocument>> {
  if (uids.length === 0) return new Map();
  const rows = await sql.query<{ uid: string; document: ResourceDocument }>(
    'SELECT uid, document FROM resources.documents WHERE uid = ANY($1)',
    [uids],
  );
  return new Map(rows.map(({ uid, document }) => [uid, document]));
}
