import type { StatusReply } from '@flotilla/contracts';
import type { SqlRunner } from '@flotilla/persistence';
import { addWork } from '../queue/work-queue.pg.js';
import { takeReceipts } from '../removals/take-receipts.pg.js';
import { takeSecretReceipts } from '../secrets/take-secret-receipts.pg.js';
import type { Accepted } from './accepted.js';
import { checkBatch, type ReportPosition } from './check-batch.js';
import { markClustersDue, markStatusDue } from './mark-status-due.pg.js';
import type { SpokeBatch } from './status.store.js';
import { writeReports } from './write-reports.pg.js';

/** A busy run decides at most this often. */
const DECIDE_EVERY_MS = 50;

/** Locks the streams of the spokes that speak, checks, writes, and names what has to look at it. */
export async function ingest(sql: SqlRunner, batches: readonly SpokeBatch[], now: number): Promise<StatusReply[]> {
  const clusters = await sql.query<{ spoke_id: string; cluster: string; session: string }>(
    'SELECT spoke_id, cluster, session FROM orchestrator.clusters WHERE spoke_id = ANY($1) ORDER BY cluster',
    [batches.map(({ spoke }) => spoke)],
  );
  const known = new Map(clusters.map((row) => [row.spoke_id, row]));
  const positions = await lockPositions(
    sql,
    clusters.map(({ cluster }) => cluster),
  );
  const accepted: Accepted[] = [];
  const replies = batches.map(({ spoke, batch }): StatusReply => {
    const row = known.get(spoke);
    if (!row) return refusal('unknown-spoke', 'no cluster is bound to this spoke');
    if (batch.session < Number(row.session)) return refusal('superseded', `session ${batch.session} was superseded`);
    const position = positions.get(row.cluster) ?? { session: 0, seq: 0 };
    if (batch.session < position.session) return refusal('superseded', `session ${batch.session} was superseded`);
    const verdict = checkBatch(position, batch);
    if ('refused' in verdict) return refusal('snapshot', `batch ${batch.seq} does not continue ${position.seq}; send a snapshot`);
    positions.set(row.cluster, verdict.next);
    accepted.push({ cluster: row.cluster, batch, position: verdict.next, endsSnapshot: verdict.endsSnapshot });
    return { seq: batch.seq };
  });
  await writeReports(sql, accepted);
  await savePositions(sql, positions, accepted);
  await takeReceipts(sql, accepted, now);
  await takeSecretReceipts(sql, accepted);
  await nameTouched(sql, accepted, now);
  return replies;
}

const refusal = (code: 'unknown-spoke' | 'superseded' | 'snapshot', message: string): StatusReply => ({ error: { code, message } });

async function lockPositions(sql: SqlRunner, clusters: readonly string[]): Promise<Map<string, ReportPosition>> {
  await sql.query('INSERT INTO orchestrator.reports (cluster) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING', [clusters]);
  const rows = await sql.query<{ cluster: string; session: string; seq: string; snapshot_from: string | null }>(
    'SELECT cluster, session, seq, snapshot_from FROM orchestrator.reports WHERE cluster = ANY($1) ORDER BY cluster FOR UPDATE',
    [clusters],
  );
  return new Map(
    rows.map(({ cluster, session, seq, snapshot_from }) => [
      cluster,
      { session: Number(session), seq: Number(seq), ...(snapshot_from === null ? {} : { snapshotFrom: Number(snapshot_from) }) },
    ]),
  );
}

async function savePositions(sql: SqlRunner, positions: ReadonlyMap<string, ReportPosition>, accepted: readonly Accepted[]): Promise<void> {
  const ended = new Set(accepted.filter(({ endsSnapshot }) => endsSnapshot).map(({ cluster }) => cluster));
  const touched = [...new Set(accepted.map(({ cluster }) => cluster))];
  await sql.query(
    `UPDATE orchestrator.reports r SET session = u.session, seq = u.seq, snapshot_from = u.snapshot_from
     FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[]) AS u (cluster, session, seq, snapshot_from) WHERE r.cluster = u.cluster`,
    [
      touched,
      touched.map((cluster) => positions.get(cluster)!.session),
      touched.map((cluster) => positions.get(cluster)!.seq),
      touched.map((cluster) => (ended.has(cluster) ? null : (positions.get(cluster)!.snapshotFrom ?? null))),
    ],
  );
  for (const { cluster, batch } of accepted) {
    if (!batch.unassigned) continue;
    await sql.query('UPDATE orchestrator.reports SET unassigned = $2 WHERE cluster = $1', [cluster, JSON.stringify(batch.unassigned)]);
  }
}

/** The served status of the applications, and the runs they take part in. */
async function nameTouched(sql: SqlRunner, accepted: readonly Accepted[], now: number): Promise<void> {
  const uids = [...new Set(accepted.flatMap(({ batch }) => [...batch.apps.map(({ uid }) => uid), ...batch.gone]))].sort();
  const ended = accepted.filter(({ endsSnapshot }) => endsSnapshot).map(({ cluster }) => cluster);
  if (uids.length + ended.length === 0) return;
  await markClustersDue(sql, ended);
  await markStatusDue(sql, uids);
  const rollouts = await sql.query<{ rollout: string }>(
    `SELECT DISTINCT r.rollout FROM orchestrator.assignments a JOIN orchestrator.rollouts r ON r.rollout = a.rollout
     WHERE (a.app_uid = ANY($1) OR a.cluster = ANY($2)) AND r.phase NOT IN ('Failed', 'RolledBack', 'Aborted', 'Superseded')`,
    [uids, ended],
  );
  await addWork(
    sql,
    'rollout',
    rollouts.map(({ rollout }) => rollout),
    now + DECIDE_EVERY_MS,
  );
}
