import type { SqlRunner } from '@flotilla/persistence';

/**
 * The served status of these applications has to be made again. It waits for a projection that is under way: one that had read before
 * would otherwise take the mark off. Rows are locked in order, as everywhere.
 */
export async function markStatusDue(sql: SqlRunner, uids: readonly string[]): Promise<void> {
  if (uids.length === 0) return;
  await sql.query(
    `UPDATE orchestrator.applications a SET is_status_due = true
     FROM (SELECT uid FROM orchestrator.applications WHERE uid = ANY($1) ORDER BY uid FOR NO KEY UPDATE) locked WHERE a.uid = locked.uid`,
    [uids],
  );
}

/** As markStatusDue, for everything assigned to these clusters. */
export async function markClustersDue(sql: SqlRunner, clusters: readonly string[]): Promise<void> {
  const rows = await sql.query<{ app_uid: string }>('SELECT app_uid FROM orchestrator.assignments WHERE cluster = ANY($1)', [clusters]);
  await markStatusDue(
    sql,
    rows.map(({ app_uid }) => app_uid),
  );
}
