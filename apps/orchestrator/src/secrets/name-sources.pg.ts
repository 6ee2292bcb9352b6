import type { SqlRunner } from '@flotilla/persistence';
import { addWork } from '../queue/work-queue.pg.js';

/** Joins the transaction that gives a release these members: their secrets get sources, and those SecretGrant documents. */
export async function nameSources(sql: SqlRunner, release: string, uids: readonly string[], now: number): Promise<void> {
  const rows = await sql.query<{ namespace: string; name: string }>(
    `WITH asked AS (
       SELECT a.namespace, s->>'source' AS source,
         (array_agg(jsonb_build_object('project', m.content->'project', 'from', s->'from', 'target', s->'target')))[1] AS spec,
         CASE WHEN min(a.name) = max(a.name) THEN min(a.name) ELSE '' END AS application,
         CASE WHEN min(m.cluster) = max(m.cluster) THEN min(m.cluster) ELSE '' END AS cluster
       FROM orchestrator.release_members m JOIN orchestrator.applications a ON a.uid = m.app_uid
         CROSS JOIN LATERAL jsonb_array_elements(m.content->'secrets') s
       WHERE m.release = $1 AND m.app_uid = ANY($2)
       GROUP BY a.namespace, s->>'source' ORDER BY a.namespace, s->>'source'
     ),
     named AS (
       INSERT INTO orchestrator.release_secrets AS r (release, namespace, source, application, cluster)
       SELECT $1, namespace, source, application, cluster FROM asked
       ON CONFLICT (release, namespace, source) DO UPDATE SET
         application = CASE WHEN r.application = excluded.application THEN r.application ELSE '' END,
         cluster = CASE WHEN r.cluster = excluded.cluster THEN r.cluster ELSE '' END
     )
     INSERT INTO orchestrator.secret_sources (namespace, name, spec, used_at) SELECT namespace, source, spec, $3 FROM asked
     ON CONFLICT (namespace, name) DO UPDATE SET used_at = excluded.used_at RETURNING namespace, name`,
    [release, uids, now],
  );
  await addWork(
    sql,
    'summary',
    rows.map(({ namespace, name }) => `grant:${namespace}/${name}`),
    now,
  );
}
