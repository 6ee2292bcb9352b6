import type { AppStatus, ResourceStatus } from '@flotilla/contracts';
import type { Row, SqlRunner } from '@flotilla/persistence';
import type { Revisions } from '../candidates/pin-commits.js';
import type { HubCondition } from '../fleet/fleet.store.js';
import type { MemberContent } from '../releases/freeze-member.js';
import type { Report, StatusInput } from './status.store.js';

/** Rows of one application's objects read for its served status. */
const MAX_ROWS = 1_001;

export async function readInputs(sql: SqlRunner, uids: readonly string[]): Promise<StatusInput[]> {
  const applications = await sql.query(
    `SELECT a.uid, a.namespace, a.name, a.document, a.is_deleting, a.conditions, a.requested,
            s.cluster, s.release, s.label, s.content, s.assigned_at, s.operation, r.revisions, c.phase, c.since, d.observe
     FROM orchestrator.applications a LEFT JOIN orchestrator.assignments s ON s.app_uid = a.uid
     LEFT JOIN orchestrator.releases r ON r.release = s.release LEFT JOIN orchestrator.clusters c ON c.cluster = s.cluster
     LEFT JOIN orchestrator.documents d ON d.cluster = s.cluster WHERE a.uid = ANY($1)`,
    [uids],
  );
  const reports = await sql.query('SELECT * FROM orchestrator.app_status WHERE app_uid = ANY($1)', [uids]);
  const resources = await sql.query(
    `SELECT * FROM (SELECT r.*, row_number() OVER (PARTITION BY app_uid ORDER BY key) AS place FROM orchestrator.app_resources r WHERE app_uid = ANY($1)) p
     WHERE place <= ${MAX_ROWS} ORDER BY key`,
    [uids],
  );
  const removals = await sql.query(
    'SELECT app_uid, cluster, mode, message FROM orchestrator.removals WHERE app_uid = ANY($1) ORDER BY cluster',
    [uids],
  );
  const history = await sql.query('SELECT app_uid, id, release, entry FROM orchestrator.history WHERE app_uid = ANY($1) ORDER BY id', [
    uids,
  ]);
  const rowsOf = group(resources, (row) => `${row.app_uid} ${row.cluster}`);
  const reportsOf = group(reports, (row) => String(row.app_uid));
  const removalsOf = group(removals, (row) => String(row.app_uid));
  const historyOf = group(history, (row) => String(row.app_uid));
  return applications.map((row) => {
    const uid = String(row.uid);
    return {
      ...toInput(row),
      reports: (reportsOf.get(uid) ?? []).map((report) => toReport(report, rowsOf.get(`${uid} ${report.cluster}`) ?? [])),
      removals: (removalsOf.get(uid) ?? []).map(({ cluster, mode, message }) => ({
        cluster: String(cluster),
        mode: String(mode),
        message: text(message),
      })),
      history: (historyOf.get(uid) ?? []).map(({ id, release, entry }) => ({
        id: Number(id),
        release: String(release),
        entry: entry as Record<string, unknown>,
      })),
    };
  });
}

function toInput(row: Row): StatusInput {
  const observe = row.observe as { since: string; header: { epoch: number; generation: number } } | null;
  return {
    uid: String(row.uid),
    namespace: String(row.namespace),
    name: String(row.name),
    document: row.document as StatusInput['document'],
    isDeleting: row.is_deleting === true,
    hubConditions: row.conditions as HubCondition[],
    requested: (row.requested as StatusInput['requested'] | null) ?? undefined,
    assignment: row.label
      ? {
          cluster: String(row.cluster),
          release: String(row.release),
          label: String(row.label),
          content: row.content as MemberContent,
          revisions: (row.revisions as Revisions | null) ?? {},
          assignedAt: Number(row.assigned_at),
          operation: (row.operation as Record<string, unknown> | null) ?? undefined,
        }
      : undefined,
    cluster: row.phase
      ? {
          phase: String(row.phase),
          since: text(row.since),
          observe:
            observe === null
              ? undefined
              : `since ${observe.since} the cluster is held: its spoke has document ${observe.header.epoch}.${observe.header.generation}, newer than this hub's; run flotilla hub recover after review`,
        }
      : undefined,
    reports: [],
    removals: [],
    history: [],
  };
}

function toReport(row: Row, rows: readonly Row[]): Report {
  return {
    cluster: String(row.cluster),
    release: String(row.release),
    bundle: String(row.bundle),
    sync: row.sync as AppStatus['sync'],
    health: row.health as AppStatus['health'],
    message: text(row.message),
    conditions: (row.conditions as AppStatus['conditions'] | null) ?? undefined,
    operation: (row.operation as AppStatus['operation'] | null) ?? undefined,
    observedAt: String(row.observed_at),
    resources: rows.map(
      (resource): ResourceStatus => ({
        key: String(resource.key),
        version: String(resource.version),
        sync: resource.sync as ResourceStatus['sync'],
        health: (resource.health as ResourceStatus['health'] | null) ?? undefined,
        message: text(resource.message),
        requiresPruning: resource.requires_pruning === true,
        hook: resource.hook === true,
      }),
    ),
  };
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function group(rows: readonly Row[], keyOf: (row: Row) => string): Map<string, Row[]> {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const members = groups.get(keyOf(row));
    if (members) members.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}
