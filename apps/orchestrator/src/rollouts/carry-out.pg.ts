import type { RolloutPhase } from '@flotilla/contracts';
import { ConflictError, newToken } from '@flotilla/kernel';
import type { SqlRunner } from '@flotilla/persistence';
import { nameHistory } from '../history/history.store.pg.js';
import { addWork } from '../queue/work-queue.pg.js';
import { assignMembers } from '../releases/assign.pg.js';
import type { ReleaseState } from '../releases/release.store.js';
import { setReleaseState } from '../releases/release.store.pg.js';
import type { Target } from './rollout.js';
import type { Act, RolloutRow } from './rollout.store.js';

/** A busy run decides at most this often. */
const DECIDE_EVERY_MS = 50;

const RELEASE_STATES: Partial<Record<RolloutPhase, ReleaseState>> = {
  Completed: 'Live',
  Failed: 'Failed',
  RolledBack: 'RolledBack',
  Aborted: 'Aborted',
  Superseded: 'Superseded',
};

export interface Carried {
  row: RolloutRow;
  act: Act;
  actor: string;
  now: number;
}

/** Writes a decision: everything it moves, in the caller's transaction. */
export async function carryOut(sql: SqlRunner, { row, act, actor, now }: Carried): Promise<void> {
  const { rollout } = row;
  if (act.previous !== undefined) await hold(sql, act.previous);
  await saveRun(sql, { row, act, actor, now });
  await saveTargets(sql, rollout, act.targets);
  await appendLedger(sql, { row, act, actor, now });
  // A target that has the release already and waits for it was told to try again.
  const has = new Set(row.run.targets.filter(({ wasAssigned }) => wasAssigned).map(({ cluster }) => cluster));
  const first = act.assign.filter((cluster) => !has.has(cluster));
  const given = new Set(first.length > 0 ? await assignMembers(sql, row.release, { clusters: first, apply: true, rollout }, now) : []);
  // So does one that an earlier run gave the same content without seeing it healthy.
  const again = act.assign.filter((cluster) => !given.has(cluster));
  if (again.length > 0) {
    await assignMembers(sql, row.release, { clusters: again, apply: true, rollout, again: { operation: newToken(), actor } }, now);
  }
  const previous = act.previous ?? row.previous;
  if (act.rollBack.length > 0 && previous !== undefined)
    await assignMembers(sql, previous, { clusters: act.rollBack, apply: true, rollout }, now);
  const state = RELEASE_STATES[act.phase];
  if (state && act.phase !== row.run.phase) {
    await setReleaseState(sql, row.release, state, now);
    if (state === 'RolledBack') {
      await sql.query('UPDATE orchestrator.units SET good = $3 WHERE unit = $1 AND good = $2', [row.unit, row.release, previous ?? null]);
    }
    // The unit may have a newer release waiting for its turn.
    await addWork(sql, 'unit', [row.unit], now);
    await nameHistory(sql, row.unit, now);
  }
  const hasMoved =
    act.pausedEdit !== undefined ||
    act.phase !== row.run.phase ||
    act.targets.length > 0 ||
    (act.message !== '' && act.message !== row.message);
  if (hasMoved) await addWork(sql, 'summary', [`rollout:${rollout}`], now);
  if (act.assign.length + act.rollBack.length > 0) await addWork(sql, 'rollout', [rollout], now + DECIDE_EVERY_MS);
  if (act.againAt !== undefined) await addWork(sql, 'rollout', [rollout], Math.max(act.againAt, now + DECIDE_EVERY_MS));
}

/** A release that is named to go back to must not be forgotten meanwhile. */
async function hold(sql: SqlRunner, release: string): Promise<void> {
  const kept = await sql.query('SELECT 1 FROM orchestrator.releases WHERE release = $1 FOR SHARE', [release]);
  if (kept.length === 0) throw new ConflictError(`release ${release} is no longer kept`, { release });
}

async function saveRun(sql: SqlRunner, { row, act, now }: Carried): Promise<void> {
  await sql.query(
    `UPDATE orchestrator.rollouts SET phase = $2, resume_phase = $3, paused_by = $4, stage_index = $5, settled_at = $6, approved = $7,
       message = COALESCE(NULLIF($8, ''), message), since = CASE WHEN phase = $2 THEN since ELSE $9 END,
       previous = COALESCE($10, previous), ledger_length = ledger_length + $11, paused_shown = COALESCE($12, paused_shown)
     WHERE rollout = $1`,
    [
      row.rollout,
      act.phase,
      act.resumePhase ?? null,
      act.pausedBy ?? null,
      act.stageIndex,
      act.settledAt ?? null,
      JSON.stringify(act.approved ?? row.run.approved),
      act.message,
      now,
      act.previous ?? null,
      act.ledger.length,
      act.pausedEdit ?? null,
    ],
  );
}

async function saveTargets(sql: SqlRunner, rollout: string, targets: readonly Target[]): Promise<void> {
  if (targets.length === 0) return;
  await sql.query(
    `UPDATE orchestrator.rollout_targets t SET state = u.state, was_assigned = u.was_assigned, since = u.since, reason = u.reason
     FROM unnest($2::text[], $3::text[], $4::boolean[], $5::bigint[], $6::text[]) AS u (cluster, state, was_assigned, since, reason)
     WHERE t.rollout = $1 AND t.cluster = u.cluster`,
    [
      rollout,
      targets.map(({ cluster }) => cluster),
      targets.map(({ state }) => state),
      targets.map(({ wasAssigned }) => wasAssigned),
      targets.map(({ since }) => since),
      targets.map(({ reason }) => reason),
    ],
  );
}

async function appendLedger(sql: SqlRunner, { row, act, actor, now }: Carried): Promise<void> {
  if (act.ledger.length === 0) return;
  await sql.query(
    `INSERT INTO orchestrator.rollout_ledger (rollout, n, at, actor, subject, from_state, to_state, reason)
     SELECT $1, (SELECT ledger_length FROM orchestrator.rollouts WHERE rollout = $1) - $4 + u.i, $2, $3, u.subject, u.from_state, u.to_state, u.reason
     FROM unnest($5::text[], $6::text[], $7::text[], $8::text[]) WITH ORDINALITY AS u (subject, from_state, to_state, reason, i)`,
    [
      row.rollout,
      now,
      actor,
      act.ledger.length,
      act.ledger.map(({ subject }) => subject),
      act.ledger.map(({ from }) => from),
      act.ledger.map(({ to }) => to),
      act.ledger.map(({ reason }) => reason),
    ],
  );
}
