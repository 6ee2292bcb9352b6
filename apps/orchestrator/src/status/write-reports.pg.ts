import type { SqlRunner } from '@flotilla/persistence';
import type { Accepted } from './accepted.js';

/** Upserts what the batches say and deletes what they say is gone, in few statements whatever their number. */
export async function writeReports(sql: SqlRunner, accepted: readonly Accepted[]): Promise<void> {
  if (accepted.length === 0) return;
  await upsertApps(sql, accepted);
  await upsertResources(sql, accepted);
  await deleteGone(sql, accepted);
  for (const { cluster, position, endsSnapshot } of accepted) {
    if (endsSnapshot) await dropUnnamed(sql, cluster, position.session, position.snapshotFrom ?? position.seq);
  }
}

/** Two batches of one spoke in one round: the later one wins, and one statement may not touch a row twice. */
function latest<T>(rows: readonly T[], keyOf: (row: T) => string): T[] {
  return [...new Map(rows.map((row) => [keyOf(row), row])).values()];
}

async function upsertApps(sql: SqlRunner, accepted: readonly Accepted[]): Promise<void> {
  const all = accepted.flatMap(({ cluster, batch }) => batch.apps.map((app) => ({ cluster, app, session: batch.session, seq: batch.seq })));
  const rows = latest(all, ({ cluster, app }) => `${cluster} ${app.uid}`);
  if (rows.length === 0) return;
  await sql.query(
    `INSERT INTO orchestrator.app_status AS s
       (cluster, app_uid, release, bundle, sync, health, message, conditions, operation, observed_at, session, seq)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::jsonb[], $9::jsonb[], $10::text[], $11::bigint[], $12::bigint[])
     ON CONFLICT (cluster, app_uid) DO UPDATE SET release = excluded.release, bundle = excluded.bundle, sync = excluded.sync,
       health = excluded.health, message = excluded.message, conditions = excluded.conditions, operation = excluded.operation,
       observed_at = excluded.observed_at, session = excluded.session, seq = excluded.seq`,
    [
      rows.map(({ cluster }) => cluster),
      rows.map(({ app }) => app.uid),
      rows.map(({ app }) => app.release),
      rows.map(({ app }) => app.bundle),
      rows.map(({ app }) => app.sync),
      rows.map(({ app }) => app.health),
      rows.map(({ app }) => clean(app.message)),
      rows.map(({ app }) => (app.conditions ? clean(JSON.stringify(app.conditions)) : null)),
      rows.map(({ app }) => (app.operation ? clean(JSON.stringify(app.operation)) : null)),
      rows.map(({ app }) => app.observedAt),
      rows.map(({ session }) => session),
      rows.map(({ seq }) => seq),
    ],
  );
}

async function upsertResources(sql: SqlRunner, accepted: readonly Accepted[]): Promise<void> {
  const all = accepted.flatMap(({ cluster, batch }) =>
    batch.apps.flatMap(({ uid, resources = [] }) =>
      resources.map((resource) => ({ cluster, uid, resource, session: batch.session, seq: batch.seq })),
    ),
  );
  const rows = latest(all, ({ cluster, uid, resource }) => `${cluster} ${uid} ${resource.key}`);
  if (rows.length === 0) return;
  await sql.query(
    `INSERT INTO orchestrator.app_resources AS s (cluster, app_uid, key, version, sync, health, message, requires_pruning, hook, session, seq)
     SELECT * FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::boolean[], $9::boolean[], $10::bigint[], $11::bigint[])
     ON CONFLICT (cluster, app_uid, key) DO UPDATE SET version = excluded.version, sync = excluded.sync, health = excluded.health,
       message = excluded.message, requires_pruning = excluded.requires_pruning, hook = excluded.hook, session = excluded.session, seq = excluded.seq`,
    [
      rows.map(({ cluster }) => cluster),
      rows.map(({ uid }) => uid),
      rows.map(({ resource }) => resource.key),
      rows.map(({ resource }) => resource.version),
      rows.map(({ resource }) => resource.sync),
      rows.map(({ resource }) => resource.health ?? null),
      rows.map(({ resource }) => clean(resource.message)),
      rows.map(({ resource }) => resource.requiresPruning === true),
      rows.map(({ resource }) => resource.hook === true),
      rows.map(({ session }) => session),
      rows.map(({ seq }) => seq),
    ],
  );
}

async function deleteGone(sql: SqlRunner, accepted: readonly Accepted[]): Promise<void> {
  const gone = accepted.flatMap(({ cluster, batch }) => batch.gone.map((uid) => ({ cluster, uid })));
  if (gone.length > 0) {
    const parameters = [gone.map(({ cluster }) => cluster), gone.map(({ uid }) => uid)];
    for (const table of ['app_resources', 'app_status']) {
      await sql.query(
        `DELETE FROM orchestrator.${table} s USING unnest($1::text[], $2::text[]) AS u (cluster, uid) WHERE s.cluster = u.cluster AND s.app_uid = u.uid`,
        parameters,
      );
    }
  }
  const rows = accepted.flatMap(({ cluster, batch }) =>
    batch.apps.flatMap(({ uid, goneResources = [] }) => goneResources.map((key) => ({ cluster, uid, key }))),
  );
  if (rows.length === 0) return;
  await sql.query(
    `DELETE FROM orchestrator.app_resources s USING unnest($1::text[], $2::text[], $3::text[]) AS u (cluster, uid, key)
     WHERE s.cluster = u.cluster AND s.app_uid = u.uid AND s.key = u.key`,
    [rows.map(({ cluster }) => cluster), rows.map(({ uid }) => uid), rows.map(({ key }) => key)],
  );
}

/** A snapshot that ended named everything there is; the rest is forgotten. */
async function dropUnnamed(sql: SqlRunner, cluster: string, session: number, from: number): Promise<void> {
  for (const table of ['app_resources', 'app_status']) {
    await sql.query(`DELETE FROM orchestrator.${table} WHERE cluster = $1 AND (session <> $2 OR seq < $3)`, [cluster, session, from]);
  }
}

/** PostgreSQL's text holds no NUL character. */
const clean = (text: string | undefined): string | null => text?.replaceAll('\u0000', '').replaceAll('\\u0000', '') ?? null;
