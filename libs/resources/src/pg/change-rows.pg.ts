import type { ResourceDocument } from '@flotilla/contracts';
import type { Row, SqlRunner } from '@flotilla/persistence';
import { deepFreeze } from '../document/deep-freeze.js';
import { changedFieldPaths, isStatusAlone } from '../document/field-paths.js';
import { withRv } from '../document/stage-write.js';
import type { LogEntry } from '../log/log-source.js';
import type { ChangeRecord, WriteContext } from '../resource-store.js';
import { changeType, lastState, type StagedWrite } from '../transaction/document-rows.js';
import { packDocument, unpackDocument } from './document-codec.js';

/** A row of the log that is about to be written. */
export interface ChangeRow {
  rv: number;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  at: string;
  document: ResourceDocument;
  fieldPaths: readonly string[];
}

export function changeRowOf(write: StagedWrite, rv: number, at: string): ChangeRow {
  const type = changeType(write);
  const fieldPaths = type === 'MODIFIED' ? changedFieldPaths(write.before?.document, write.after) : [];
  return { rv, type, at, document: lastState(write), fieldPaths };
}

export async function insertChanges(sql: SqlRunner, rows: readonly ChangeRow[], context: WriteContext): Promise<void> {
  if (rows.length === 0) return;
  await sql.query(
    `INSERT INTO resources.changes (kind, rv, type, uid, namespace, name, actor, at, field_paths, document, traceparent)
     SELECT kind, rv, type, uid, namespace, name, $1, at,
            ARRAY(SELECT jsonb_array_elements_text(paths::jsonb)), document, $2
     FROM unnest($3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[], $8::text[], $9::timestamptz[], $10::text[], $11::bytea[])
       AS t (kind, rv, type, uid, namespace, name, at, paths, document)`,
    [
      context.actor,
      context.traceparent ?? null,
      rows.map(({ document }) => document.kind),
      rows.map(({ rv }) => rv),
      rows.map(({ type }) => type),
      rows.map(({ document }) => document.metadata.uid),
      rows.map(({ document }) => document.metadata.namespace ?? ''),
      rows.map(({ document }) => document.metadata.name),
      rows.map(({ at }) => at),
      rows.map(({ fieldPaths }) => JSON.stringify(fieldPaths)),
      rows.map(({ document }) => packDocument(document)),
    ],
  );
}

/** A row of the log as it is read. */
export interface StoredChange extends Row {
  kind: string;
  rv: string;
  type: ChangeRecord['type'];
  uid: string;
  actor: string;
  at: Date;
  field_paths: string[];
  document: Uint8Array;
  traceparent: string | null;
}

export const CHANGE_COLUMNS = 'kind, rv, type, uid, actor, at, field_paths, document, traceparent';

export function recordOf(row: StoredChange): ChangeRecord {
  const record: ChangeRecord = {
    resourceVersion: row.rv,
    type: row.type,
    kind: row.kind,
    uid: row.uid,
    actor: row.actor,
    at: row.at.toISOString(),
    fieldPaths: row.field_paths,
    document: withRv(unpackDocument(row.document).document, Number(row.rv)),
  };
  return row.traceparent === null ? record : { ...record, traceparent: row.traceparent };
}

/** The row as watchers get it, with its size in memory roughly. */
export function entryOf(row: Pick<StoredChange, 'rv' | 'type' | 'document' | 'traceparent' | 'field_paths'>): {
  entry: LogEntry;
  bytes: number;
} {
  const { document, bytes } = unpackDocument(row.document);
  const rv = Number(row.rv);
  const entry: LogEntry = { rv, type: row.type, document: deepFreeze(withRv(document, rv)) };
  if (row.traceparent !== null) entry.traceparent = row.traceparent;
  if (row.type === 'MODIFIED' && isStatusAlone(row.field_paths)) entry.isStatusOnly = true;
  return { entry, bytes };
}
