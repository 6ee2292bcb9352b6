import type { SqlRunner } from '@flotilla/persistence';
import { addWork } from '../queue/work-queue.pg.js';
import type { Accepted } from '../status/accepted.js';
import { markStatusDue } from '../status/mark-status-due.pg.js';

/** A removal stays in the document until its receipt is committed; one for another mode than ours is not ours. */
export async function takeReceipts(sql: SqlRunner, accepted: readonly Accepted[], now: number): Promise<void> {
  const receipts = accepted.flatMap(({ cluster, batch }) => batch.receipts.map((receipt) => ({ cluster, ...receipt })));
  if (receipts.length === 0) return;
  const [finished, open] = [receipts.filter(({ done }) => done), receipts.filter(({ done }) => !done)];
  const gone = await sql.query<{ cluster: string; namespace: string; name: string }>(
    `DELETE FROM orchestrator.removals r USING unnest($1::text[], $2::text[], $3::text[]) AS u (cluster, uid, mode)
     WHERE r.cluster = u.cluster AND r.app_uid = u.uid AND r.mode = u.mode RETURNING r.cluster, r.namespace, r.name`,
    [finished.map(({ cluster }) => cluster), finished.map(({ uid }) => uid), finished.map(({ mode }) => mode)],
  );
  const said = await sql.query<{ app_uid: string }>(
    `UPDATE orchestrator.removals r SET message = u.message FROM unnest($1::text[], $2::text[], $3::text[]) AS u (cluster, uid, message)
     WHERE r.cluster = u.cluster AND r.app_uid = u.uid RETURNING r.app_uid`,
    [
      open.map(({ cluster }) => cluster),
      open.map(({ uid }) => uid),
      open.map(({ message, remaining }) => message ?? `waits for ${(remaining ?? []).slice(0, 5).join(', ')}`),
    ],
  );
  await markStatusDue(
    sql,
    said.map(({ app_uid }) => app_uid),
  );
  await addWork(
    sql,
    'cluster',
    gone.map(({ cluster }) => cluster),
    now,
  );
  await addWork(
    sql,
    'application',
    gone.map(({ namespace, name }) => `${namespace}/${name}`),
    now,
  );
}
