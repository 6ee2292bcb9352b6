import type { SqlRunner } from '@flotilla/persistence';
import { addWork } from '../queue/work-queue.pg.js';

/** Joins the transaction that gives a release these members: their secrets get sources, and those SecretGrant documents. */
export async function nameSources(sql: SqlRunner, release: string, uids: readonly string[], now: number): Promise<void> {
  const rows = await sql.query<{ namespace: string; name: string }>(
    `WITH asked AS (
       SELECT DISTINCT ON (a.namespace, s->>'source') a.namespace, s->>'source' AS source,
         jsonb_build_object('project', m.content->'project', 'from', s->'from', 'target', s->'target') AS spec
       FROM orchestrator.release_members m JOIN orchestrator.applications a ON a.uid = m.app_uid
         CROSS JOIN LATERAL jsonb_array_elements(m.content->'secrets') s
       WHERE m.release = $1 AND m.app_uid = ANY($2)
       ORDER BY a.namespace, s->>'source'
     ),
     named AS (
       INSERT INTO orchestrator.release_secrets (release, namespace, source) SELECT $1, namespace, source FROM asked ON CONFLICT DO NOTHING
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
