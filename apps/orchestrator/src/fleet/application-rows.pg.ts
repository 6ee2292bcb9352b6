import { type Application, sourcesOf } from '@flotilla/contracts';
import { digestJson } from '@flotilla/kernel';
import type { Row, SqlRunner } from '@flotilla/persistence';
import { addWork } from '../queue/work-queue.pg.js';
import type { FleetApplication } from './fleet.store.js';
import { refOf } from './source-ref.js';

export function toApplication(row: Row): FleetApplication {
  return {
    uid: String(row.uid),
    namespace: String(row.namespace),
    name: String(row.name),
    unit: String(row.unit),
    document: row.document as Application,
    hasPruneFinalizer: row.has_prune_finalizer === true,
    deletionApproved: row.deletion_approved === true,
    rv: String(row.rv),
    firstSeen: Number(row.first_seen),
  };
}

const GATHER_MS = 150;

/** What a release depends on; steps of a set's strategy select by labels. */
const digestOf = ({ unit, document, hasPruneFinalizer }: FleetApplication): string => {
  const labels = unit.startsWith('set:') ? document.metadata.labels : undefined;
  return digestJson({ unit, spec: document.spec, hasPruneFinalizer, ...(labels ? { labels } : {}) });
};

export interface UnitRef {
  kind: string;
  namespace: string;
  name: string;
  uid: string;
}

export async function saveApplication(sql: SqlRunner, application: FleetApplication, unit: UnitRef, now: number): Promise<void> {
  const { uid, document } = application;
  const digest = digestOf(application);
  const [before] = await sql.query<{ unit: string; digest: string; rv: string; deletion_approved: boolean }>(
    'SELECT unit, digest, rv, deletion_approved FROM orchestrator.applications WHERE uid = $1 FOR UPDATE',
    [uid],
  );
  if (before && BigInt(before.rv) > BigInt(application.rv)) return;
  if (before?.digest === digest && before.deletion_approved === application.deletionApproved) return;
  await sql.query(
    `INSERT INTO orchestrator.units (unit, kind, namespace, name, uid) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (unit) DO NOTHING`,
    [application.unit, unit.kind, unit.namespace, unit.name, unit.uid],
  );
  await sql.query(
    `INSERT INTO orchestrator.applications
       (uid, namespace, name, unit, project, destination_server, destination_name, document, digest, rv, has_prune_finalizer, deletion_approved, first_seen)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     ON CONFLICT (uid) DO UPDATE SET unit = excluded.unit, project = excluded.project, destination_server = excluded.destination_server,
       destination_name = excluded.destination_name, document = excluded.document, digest = excluded.digest, rv = excluded.rv,
       has_prune_finalizer = excluded.has_prune_finalizer, deletion_approved = excluded.deletion_approved, is_status_due = true`,
    [
      uid,
      application.namespace,
      application.name,
      application.unit,
      document.spec.project,
      document.spec.destination.server ?? null,
      document.spec.destination.name ?? null,
      JSON.stringify(document),
      digest,
      application.rv,
      application.hasPruneFinalizer,
      application.deletionApproved,
      now,
    ],
  );
  await saveSources(sql, application);
  if (before?.deletion_approved !== application.deletionApproved) {
    const clusters = await sql.query<{ cluster: string }>('SELECT cluster FROM orchestrator.assignments WHERE app_uid = $1', [uid]);
    await addWork(
      sql,
      'cluster',
      clusters.map(({ cluster }) => cluster),
      now,
    );
  }
  // Applications of a set arrive one after the other; a release of the first few would only be amended again and again.
  const dueAt = application.unit.startsWith('set:') ? now + GATHER_MS : now;
  if (before?.digest !== digest) await addWork(sql, 'unit', [application.unit, ...(before ? [before.unit] : [])], dueAt);
}

async function saveSources(sql: SqlRunner, { uid, document }: FleetApplication): Promise<void> {
  const sources = sourcesOf(document.spec);
  await sql.query('DELETE FROM orchestrator.application_sources WHERE app_uid = $1', [uid]);
  await sql.query(
    `INSERT INTO orchestrator.application_sources (app_uid, position, repo_url, ref)
     SELECT $1, position - 1, repo_url, ref FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS t (repo_url, ref, position)`,
    [uid, sources.map(({ repoURL }) => repoURL), sources.map(refOf)],
  );
}

export async function forgetApplication(sql: SqlRunner, uid: string, now: number): Promise<void> {
  const rows = await sql.query<{ unit: string }>('DELETE FROM orchestrator.applications WHERE uid = $1 RETURNING unit', [uid]);
  for (const table of ['assignments', 'removals', 'app_status', 'app_resources', 'history', 'local_objects', 'release_members']) {
    await sql.query(`DELETE FROM orchestrator.${table} WHERE app_uid = $1`, [uid]);
  }
  await sql.query('DELETE FROM orchestrator.units WHERE unit = $1', [`app:${uid}`]);
  await sql.query('DELETE FROM orchestrator.releases WHERE unit = $1', [`app:${uid}`]);
  const rollouts = await sql.query<{ rollout: string }>('SELECT rollout FROM orchestrator.rollouts WHERE unit = ANY($1)', [
    rows.map(({ unit }) => unit),
  ]);
  await addWork(
    sql,
    'rollout',
    rollouts.map(({ rollout }) => rollout),
    now,
  );
}
