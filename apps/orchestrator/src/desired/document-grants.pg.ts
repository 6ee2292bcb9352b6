import type { SqlRunner } from '@flotilla/persistence';
import type { Assignment, SecretVersions } from './build-document.js';
import type { NewDocument } from './document.store.js';

/**
 * The versions of what assignments ask for. Their rows stay locked for sharing until the documents are stored, so that a version
 * that changes meanwhile finds those documents and makes their clusters due again.
 */
export async function readVersions(sql: SqlRunner, assignments: readonly Assignment[]): Promise<SecretVersions> {
  const asked = assignments.flatMap(({ namespace, content }) => (content.secrets ?? []).map(({ source }) => ({ namespace, source })));
  const distinct = [...new Map(asked.map((one) => [`${one.namespace}/${one.source}`, one])).values()];
  if (distinct.length === 0) return new Map();
  const rows = await sql.query<{ namespace: string; name: string; version: string | null }>(
    `SELECT s.namespace, s.name, s.version FROM orchestrator.secret_sources s
     JOIN unnest($1::text[], $2::text[]) AS u (namespace, name) ON s.namespace = u.namespace AND s.name = u.name
     ORDER BY s.namespace, s.name FOR SHARE OF s`,
    [distinct.map(({ namespace }) => namespace), distinct.map(({ source }) => source)],
  );
  return new Map(rows.flatMap(({ namespace, name, version }) => (version ? [[`${namespace}/${name}`, version] as const] : [])));
}

/** Joins the transaction that stores the documents: which grants they hold, and nothing of those they no longer do. */
export async function saveGrants(sql: SqlRunner, documents: readonly NewDocument[]): Promise<void> {
  if (documents.length === 0) return;
  const rows = documents.flatMap(({ cluster, grants }) => grants.map((grant) => ({ cluster, ...grant })));
  const named = [documents.map(({ cluster }) => cluster), rows.map(({ cluster }) => cluster), rows.map(({ id }) => id)];
  for (const table of ['document_grants', 'secret_receipts']) {
    await sql.query(
      `DELETE FROM orchestrator.${table} g WHERE g.cluster = ANY($1)
         AND NOT EXISTS (SELECT 1 FROM unnest($2::text[], $3::text[]) AS u (cluster, grant_id) WHERE u.cluster = g.cluster AND u.grant_id = g.grant_id)`,
      named,
    );
  }
  if (rows.length === 0) return;
  await sql.query(
    `INSERT INTO orchestrator.document_grants AS g (cluster, grant_id, app_uid, application, namespace, source)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[])
     ON CONFLICT (cluster, grant_id) DO UPDATE SET app_uid = excluded.app_uid, application = excluded.application,
       namespace = excluded.namespace, source = excluded.source
     WHERE (g.app_uid, g.application, g.namespace, g.source) IS DISTINCT FROM (excluded.app_uid, excluded.application, excluded.namespace, excluded.source)`,
    [
      rows.map(({ cluster }) => cluster),
      rows.map(({ id }) => id),
      rows.map(({ app }) => app),
      rows.map(({ namespace, application }) => `${namespace}/${application}`),
      rows.map(({ namespace }) => namespace),
      rows.map(({ source }) => source),
    ],
  );
}
