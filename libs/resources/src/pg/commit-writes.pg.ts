import type { ResourceDocument } from '@flotilla/contracts';
import { jsonEqual } from '@flotilla/kernel';
import type { SqlRunner } from '@flotilla/persistence';
import { compareText } from '../document/document-key.js';
import type { WriteContext } from '../resource-store.js';
import { lastState, type StagedWrite, settleRv } from '../transaction/document-rows.js';
import { type ChangeRow, changeRowOf, insertChanges } from './change-rows.pg.js';
import { takeRvs } from './clock.pg.js';
import { restingText, STATUS_KIND } from './document-codec.js';
import { readStatuses, writeStatuses } from './status-rows.pg.js';

/** Rows per statement. */
const CHUNK = 1_000;

interface NumberedWrite {
  write: StagedWrite;
  rv: number;
  at: string;
}

/** Gives staged writes their rvs and writes documents, statuses and log rows; the kinds that moved come back. */
export async function commitWrites(sql: SqlRunner, writes: readonly StagedWrite[], context: WriteContext): Promise<string[]> {
  if (writes.length === 0) return [];
  const numbered = await number(sql, writes);
  await refreshStatuses(sql, writes);
  for (let i = 0; i < numbered.length; i += CHUNK) {
    const chunk = numbered.slice(i, i + CHUNK);
    // Deletions first: a name that was taken again in the same transaction is free then.
    await deleteDocuments(
      sql,
      chunk.filter(({ write }) => write.before && !write.after),
    );
    await insertDocuments(
      sql,
      chunk.filter(({ write }) => !write.before),
    );
    await updateDocuments(
      sql,
      chunk.filter(({ write }) => write.before && write.after && movesDocument(write)),
    );
    await writeStatuses(
      sql,
      chunk.flatMap(({ write, rv }) => statusOf(write, rv)),
    );
    await insertChanges(
      sql,
      chunk.map((item): ChangeRow => changeRowOf(item.write, item.rv, item.at)),
      context,
    );
  }
  for (const { write, rv } of numbered) settleRv(write, rv);
  return [...new Set(writes.map(({ key }) => key.kind))];
}

/** Clocks in kind order, so that two transactions never wait for each other. */
async function number(sql: SqlRunner, writes: readonly StagedWrite[]): Promise<NumberedWrite[]> {
  const byKind = new Map<string, StagedWrite[]>();
  for (const write of writes) {
    const own = byKind.get(write.key.kind);
    if (own) own.push(write);
    else byKind.set(write.key.kind, [write]);
  }
  const numbered: NumberedWrite[] = [];
  for (const kind of [...byKind.keys()].sort(compareText)) {
    const own = byKind.get(kind) ?? [];
    const { last, at } = await takeRvs(sql, kind, own.length);
    numbered.push(...own.map((write, i) => ({ write, rv: last - own.length + 1 + i, at })));
  }
  return numbered;
}

/** Only now, with the clock held, is the status that rests beside a document sure to be the newest. */
async function refreshStatuses(sql: SqlRunner, writes: readonly StagedWrite[]): Promise<void> {
  const edits = writes.filter(
    ({ key, before, after }) => key.kind === STATUS_KIND && before && after && !movesStatus(before.document, after),
  );
  const statuses = await readStatuses(
    sql,
    edits.map(({ after }) => after?.metadata.uid ?? ''),
  );
  for (const write of edits) {
    const status = statuses.get(write.after?.metadata.uid ?? '');
    if (!status || !write.after || !write.before) continue;
    write.after = { ...write.after, status };
    write.before = { ...write.before, document: { ...write.before.document, status } };
    for (const copy of write.handedOut) (copy as ResourceDocument).status = structuredClone(status);
  }
}

function movesStatus(before: ResourceDocument | undefined, after: ResourceDocument): boolean {
  return !jsonEqual(before?.status, after.status);
}

/** A status that rests elsewhere leaves the document's own row, and with it the precondition of an edit, as it was. */
function movesDocument({ key, before, after }: StagedWrite): boolean {
  if (key.kind !== STATUS_KIND || !before || !after) return true;
  return !jsonEqual({ ...before.document, status: undefined }, { ...after, status: undefined });
}

function statusOf({ key, before, after }: StagedWrite, rv: number) {
  if (key.kind !== STATUS_KIND || !after || !movesStatus(before?.document, after)) return [];
  return [{ uid: after.metadata.uid ?? '', rv, status: (after.status ?? {}) as Record<string, unknown> }];
}

async function insertDocuments(sql: SqlRunner, items: readonly NumberedWrite[]): Promise<void> {
  if (items.length === 0) return;
  await sql.query(
    `INSERT INTO resources.documents (kind, namespace, name, uid, rv, document)
     SELECT kind, namespace, name, uid, rv, document::jsonb
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[]) AS t (kind, namespace, name, uid, rv, document)`,
    columns(items),
  );
}

async function updateDocuments(sql: SqlRunner, items: readonly NumberedWrite[]): Promise<void> {
  if (items.length === 0) return;
  await sql.query(
    `UPDATE resources.documents d SET rv = t.rv, document = t.document::jsonb
     FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bigint[], $6::text[]) AS t (kind, namespace, name, uid, rv, document)
     WHERE d.kind = t.kind AND d.namespace = t.namespace AND d.name = t.name`,
    columns(items),
  );
}

async function deleteDocuments(sql: SqlRunner, items: readonly NumberedWrite[]): Promise<void> {
  if (items.length === 0) return;
  const uids = items.map(({ write }) => lastState(write).metadata.uid);
  await sql.query('DELETE FROM resources.documents WHERE uid = ANY($1)', [uids]);
  await sql.query('DELETE FROM resources.application_status WHERE uid = ANY($1)', [uids]);
}

function columns(items: readonly NumberedWrite[]): unknown[] {
  const documents = items.map(({ write }) => lastState(write));
  return [
    items.map(({ write }) => write.key.kind),
    items.map(({ write }) => write.key.namespace),
    items.map(({ write }) => write.key.name),
    documents.map(({ metadata }) => metadata.uid),
    items.map(({ rv }) => rv),
    documents.map(restingText),
  ];
}
