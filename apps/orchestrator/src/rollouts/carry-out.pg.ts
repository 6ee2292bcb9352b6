import type { RolloutPhase } from '@flotilla/contracts';
import { ConflictError, newToken } from '@flotilla/kernel';
import type { SqlRunner } from '@flotilla/persistence';
import { nameHistory } from '../history/history.store.pg.js';
import { addWork } from '../queue/work-queue.pg.js';
import { assignMembers } from '../releases/assign.pg.js';
import type { AssignOptions, ReleaseState } from '../releases/release.store.js';
import { setReleaseState } from '../releases/release.store.pg.js';
import { keyOf, type Run } from './rollout.js';
import type { Act, RolloutRow } from './rollout.store.js';
import { saveTargets } from './target-rows.pg.js';

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
  const has = new Set(row.run.targets.filter(({ wasAssigned }) => wasAssigned).map(keyOf));
  const first = act.assign.filter((key) => !has.has(key));
  const moved =
    first.length > 0 ? await assignMembers(sql, row.release, { ...whom(row.run, first), apply: true, rollout }, now) : undefined;
  const given = new Set(row.run.per === 'cluster' ? moved?.clusters : moved?.uids);
  // So does one that an earlier run gave the same content without seeing it healthy.
  const again = act.assign.filter((key) => !given.has(key));
  if (again.length > 0) {
    const operation = { operation: newToken(), actor };
    await assignMembers(sql, row.release, { ...whom(row.run, again), apply: true, rollout, again: operation }, now);
  }
  const previous = act.previous ?? row.previous;
  if (act.rollBack.length > 0 && previous !== undefined)
    await assignMembers(sql, previous, { ...whom(row.run, act.rollBack), apply: true, rollout }, now);
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

/** Keys of targets as those who are assigned. */
const whom = ({ per }: Run, keys: readonly string[]): Pick<AssignOptions, 'clusters' | 'uids'> =>
  per === 'cluster' ? { clusters: keys } : { uids: keys };

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
