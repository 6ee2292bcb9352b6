import type { SqlRunner } from '@flotilla/persistence';
import { addWork } from '../queue/work-queue.pg.js';

/** Units with applications that wait on one of these clusters for the scope of a kind have another look: more may be known. */
export async function touchUnknownScopes(sql: SqlRunner, clusters: readonly string[], now: number): Promise<void> {
  if (clusters.length === 0) return;
  const rows = await sql.query<{ unit: string }>(
    `SELECT DISTINCT a.unit FROM orchestrator.applications a
     JOIN orchestrator.clusters c ON c.cluster = ANY($1) AND (a.destination_server = c.server
       OR a.destination_name IN (c.cluster, c.display_name) OR (c.is_local AND a.destination_name = 'in-cluster'))
     WHERE a.conditions @> '[{"type":"UnknownKindScope"}]'`,
    [clusters],
  );
  await addWork(
    sql,
    'unit',
    rows.map(({ unit }) => unit),
    now,
  );
}
