import type { ResourceDocument } from '@flotilla/contracts';
import { InvalidInputError } from '@flotilla/kernel';
import type { SqlRunner } from '@flotilla/persistence';
import type { ContinueToken } from '../document/continue-token.js';
import { compareText } from '../document/document-key.js';
import { pageOf } from '../document/page-of.js';
import { matchesDocument, type Selection } from '../document/selection.js';
import type { StoredDocument } from '../document/stage-write.js';
import type { ListOptions, ListResult } from '../resource-store.js';
import { GoneError } from '../resources.errors.js';
import { FIRST_RV, readClocks } from './clock.pg.js';
import { DOCUMENT_COLUMNS, DOCUMENT_SOURCE, type DocumentRow, storedOf, unpackDocument } from './document-codec.js';
import { SqlParameters, selectionSql } from './selection-sql.pg.js';

interface Place {
  namespace: string;
  name: string;
  [column: string]: unknown;
}

/** Keys per statement. */
const CHUNK = 2_000;

/** The documents of a kind at a time. A status whose sync, health and phase did not move since is shown as it is now. */
export async function listAsOf(sql: SqlRunner, kind: string, options: ListOptions, from: ContinueToken | undefined): Promise<ListResult> {
  const rv = from?.rv ?? (await rvAt(sql, kind, options.asOf ?? ''));
  const documents = await documentsAt(sql, kind, options, rv);
  const beyond = documents.filter(({ document: { metadata } }) => {
    if (!from) return true;
    return (compareText(metadata.namespace ?? '', from.namespace) || compareText(metadata.name, from.name)) > 0;
  });
  return pageOf(beyond, rv, options.limit);
}

/** The newest rv of a kind at a time; records show times to the millisecond, so a time means its whole millisecond. */
async function rvAt(sql: SqlRunner, kind: string, asOf: string): Promise<number> {
  const ms = Date.parse(asOf);
  if (!/^\d{4}-\d\d-\d\dT/.test(asOf) || Number.isNaN(ms)) {
    throw new InvalidInputError(`asOf ${JSON.stringify(asOf)} is not an RFC 3339 time, for example 2026-01-31T12:00:00Z`);
  }
  const at = new Date(ms).toISOString();
  const [row] = await sql.query<{ rv: string | null; gone: boolean }>(
    `SELECT (SELECT max(rv) FROM resources.changes WHERE kind = $1 AND at < $2::timestamptz + interval '1 millisecond') AS rv,
            (SELECT at > $2::timestamptz FROM resources.log_floor) AS gone`,
    [kind, at],
  );
  if (row?.gone) throw new GoneError(`the log of ${kind} does not reach back to ${asOf}`, { kind, asOf });
  if (row?.rv != null) return Number(row.rv);
  const floor = (await readClocks(sql, [kind])).get(kind)?.floorRv ?? 0;
  return Math.max(floor, FIRST_RV);
}

/** In (namespace, name) order: those not changed since, as they are, and the others as the log has them. */
export async function documentsAt(sql: SqlRunner, kind: string, selection: Selection, rv: number): Promise<StoredDocument[]> {
  const parameters = new SqlParameters();
  const conditions = selectionSql(kind, selection, parameters);
  const current = await sql.query<DocumentRow>(
    `SELECT ${DOCUMENT_COLUMNS} FROM ${DOCUMENT_SOURCE} WHERE ${conditions.join(' AND ')} AND d.rv <= ${parameters.add(rv)}`,
    parameters.values,
  );
  // Read after the rows: what changes in between counts as changed and is taken from the log.
  const changed = await changedSince(sql, kind, rv);
  const isChanged = new Set(changed.map(({ namespace, name }) => `${namespace}/${name}`));
  const unchanged = current.filter(({ namespace, name }) => !isChanged.has(`${namespace}/${name}`)).map(storedOf);
  const earlier = await statesAt(sql, kind, changed, rv);
  return [...unchanged, ...earlier.filter(({ document }) => matchesDocument(selection, document))].sort(
    ({ document: { metadata: a } }, { document: { metadata: b } }) =>
      compareText(a.namespace ?? '', b.namespace ?? '') || compareText(a.name, b.name),
  );
}

function changedSince(sql: SqlRunner, kind: string, rv: number): Promise<Place[]> {
  return sql.query<Place>('SELECT DISTINCT namespace, name FROM resources.changes WHERE kind = $1 AND rv > $2', [kind, rv]);
}

/** The last state up to an rv of each of these keys that existed then. */
async function statesAt(sql: SqlRunner, kind: string, places: readonly Place[], rv: number): Promise<StoredDocument[]> {
  const states: StoredDocument[] = [];
  for (let i = 0; i < places.length; i += CHUNK) {
    const chunk = places.slice(i, i + CHUNK);
    const rows = await sql.query<{ rv: string; type: string; document: Uint8Array }>(
      `SELECT last.rv, last.type, last.document
       FROM unnest($2::text[], $3::text[]) AS k (namespace, name)
       JOIN LATERAL (
         SELECT c.rv, c.type, c.document FROM (
           SELECT rv, type, document FROM resources.changes
             WHERE kind = $1 AND namespace = k.namespace AND name = k.name AND rv <= $4
           UNION ALL
           SELECT rv, type, document FROM resources.changes_base
             WHERE kind = $1 AND namespace = k.namespace AND name = k.name AND rv <= $4) c
         ORDER BY c.rv DESC LIMIT 1) last ON last.type <> 'DELETED'`,
      [kind, chunk.map(({ namespace }) => namespace), chunk.map(({ name }) => name), rv],
    );
    states.push(...rows.map((row) => ({ document: unpackDocument(row.document).document as ResourceDocument, rv: Number(row.rv) })));
  }
  return states;
}
