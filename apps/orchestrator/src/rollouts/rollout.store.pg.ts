import type { RolloutPhase, RolloutPlan } from '@flotilla/contracts';
import { NotFoundError } from '@flotilla/kernel';
import type { Database, Row, SqlRunner } from '@flotilla/persistence';
import { addWork } from '../queue/work-queue.pg.js';
import { setReleaseState } from '../releases/release.store.pg.js';
import { rolloutName } from '../releases/release-name.js';
import { carryOut } from './carry-out.pg.js';
import { readObservations } from './observe.pg.js';
import { ACTIVE_PHASES, type RunStage, type Target } from './rollout.js';
import {
  type Decide,
  type LedgerRow,
  type NewRollout,
  type NewTarget,
  type RolloutRow,
  RolloutStore,
  type StepRow,
} from './rollout.store.js';
import { insertTargets, readSteps, readTargets } from './target-rows.pg.js';

export class PgRolloutStore extends RolloutStore {
  readonly #database: Database;

  constructor(database: Database) {
    super();
    this.#database = database;
  }

  override create(rollout: NewRollout, now: number): Promise<string | undefined> {
    return this.#database.transaction(async (sql) => {
      const [unit] = await sql.query<{ namespace: string }>('SELECT namespace FROM orchestrator.units WHERE unit = $1 FOR UPDATE', [
        rollout.unit,
      ]);
      const [running] = await sql.query('SELECT 1 FROM orchestrator.rollouts WHERE unit = $1 AND phase = ANY($2)', [
        rollout.unit,
        ACTIVE_PHASES,
      ]);
      if (!unit || running) return undefined;
      const [counted] = await sql.query<{ n: string }>('SELECT count(*) AS n FROM orchestrator.rollouts WHERE release = $1', [
        rollout.release,
      ]);
      const name = rolloutName(rollout.release.slice(rollout.release.indexOf('/') + 1), Number(counted?.n) + 1);
      const id = `${unit.namespace}/${name}`;
      await sql.query(
        `INSERT INTO orchestrator.rollouts
           (rollout, unit, namespace, name, release, previous, policy, stages, phase, stage_index, message, since, plan, conditions, created_at, per)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'Pending', 0, 'created', $9, $10, $11, $9, $12)`,
        [
          id,
          rollout.unit,
          unit.namespace,
          name,
          rollout.release,
          rollout.previous ?? null,
          rollout.policy,
          JSON.stringify(rollout.stages),
          now,
          JSON.stringify(rollout.plan),
          JSON.stringify(rollout.warning ? [{ type: 'Warning', message: rollout.warning }] : []),
          rollout.per,
        ],
      );
      await insertTargets(sql, id, rollout.targets, now);
      await setReleaseState(sql, rollout.release, 'Progressing', now);
      await addWork(sql, 'rollout', [id], now);
      return id;
    });
  }

  override async unproven(release: string): Promise<Set<string>> {
    const rows = await this.#database.query<{ app_uid: string }>(
      `SELECT DISTINCT s.app_uid FROM orchestrator.release_members m
       JOIN orchestrator.assignments s ON s.app_uid = m.app_uid AND s.cluster = m.cluster
       JOIN orchestrator.rollouts o ON o.rollout = s.rollout AND o.phase <> 'Completed'
       JOIN orchestrator.rollout_targets t ON t.rollout = s.rollout AND t.cluster = s.cluster AND t.app_uid IN ('', s.app_uid)
       WHERE m.release = $1 AND t.state NOT IN ('healthy', 'unchanged', 'rolledBack')`,
      [release],
    );
    return new Set(rows.map(({ app_uid }) => app_uid));
  }

  override active(unit: string): Promise<RolloutRow | undefined> {
    return readOne(this.#database, 'r.unit = $1 AND r.phase = ANY($2)', [unit, ACTIVE_PHASES]);
  }

  override ofRelease(release: string): Promise<RolloutRow | undefined> {
    return readOne(this.#database, 'r.release = $1 ORDER BY r.created_at DESC, r.rollout DESC LIMIT 1', [release]);
  }

  override async newest(unit: string): Promise<string | undefined> {
    const [row] = await this.#database.query<{ rollout: string }>(
      'SELECT rollout FROM orchestrator.rollouts WHERE unit = $1 ORDER BY created_at DESC, rollout DESC LIMIT 1',
      [unit],
    );
    return row?.rollout;
  }

  override get(rollout: string): Promise<RolloutRow | undefined> {
    return readOne(this.#database, 'r.rollout = $1', [rollout]);
  }

  override async shown(rollout: string): Promise<Pick<RolloutRow, 'release' | 'policy' | 'isPausedShown'> | undefined> {
    const [row] = await this.#database.query<{ release: string; policy: string; paused_shown: boolean }>(
      'SELECT release, policy, paused_shown FROM orchestrator.rollouts WHERE rollout = $1',
      [rollout],
    );
    return row && { release: row.release, policy: row.policy, isPausedShown: row.paused_shown };
  }

  override steps(rollout: string, limit: number): Promise<StepRow[]> {
    return readSteps(this.#database, rollout, limit);
  }

  override async ledger(rollout: string, limit: number): Promise<LedgerRow[]> {
    const rows = await this.#database.query('SELECT * FROM orchestrator.rollout_ledger WHERE rollout = $1 ORDER BY n DESC LIMIT $2', [
      rollout,
      limit,
    ]);
    return rows.reverse().map(toLedger);
  }

  override async turn(rollout: string, phases: readonly RolloutPhase[]): Promise<LedgerRow | undefined> {
    const [row] = await this.#database.query(
      `SELECT * FROM orchestrator.rollout_ledger WHERE rollout = $1 AND subject = 'rollout' AND to_state = ANY($2) ORDER BY n DESC LIMIT 1`,
      [rollout, phases],
    );
    return row && toLedger(row);
  }

  override decide(rollout: string, actor: string, now: number, decide: Decide): Promise<RolloutRow | undefined> {
    return this.#database.transaction(async (sql) => {
      const [locked] = await sql.query('SELECT 1 FROM orchestrator.rollouts WHERE rollout = $1 FOR UPDATE', [rollout]);
      if (!locked) return undefined;
      const row = await readOne(sql, 'r.rollout = $1', [rollout]);
      if (!row) throw new NotFoundError(`rollout ${rollout} is gone`);
      const act = decide(row, await readObservations(sql, row.release, row.run.per));
      await carryOut(sql, { row, act, actor, now });
      return readOne(sql, 'r.rollout = $1', [rollout]);
    });
  }

  override touch(rollout: string, now: number): Promise<void> {
    return addWork(this.#database, 'rollout', [rollout], now);
  }

  override summarise(rollout: string, now: number): Promise<void> {
    return addWork(this.#database, 'summary', [`rollout:${rollout}`], now);
  }

  override async showPaused(
    sql: SqlRunner,
    rollout: string,
    { inDocument, ofRun }: { inDocument?: boolean; ofRun: boolean },
  ): Promise<boolean | undefined> {
    const [row] = await sql.query<{ paused_shown: boolean }>(
      'SELECT paused_shown FROM orchestrator.rollouts WHERE rollout = $1 FOR UPDATE',
      [rollout],
    );
    if (!row) return undefined;
    if (inDocument !== undefined && inDocument !== row.paused_shown) return inDocument;
    if (row.paused_shown !== ofRun)
      await sql.query('UPDATE orchestrator.rollouts SET paused_shown = $2 WHERE rollout = $1', [rollout, ofRun]);
    return ofRun;
  }

  override join(
    rollout: string,
    targets: readonly Pick<NewTarget, 'cluster' | 'application' | 'stageIndex'>[],
    now: number,
  ): Promise<void> {
    return this.#database.transaction(async (sql) => {
      const joined = targets.map((target, i) => ({
        ...target,
        position: 100_000 + i,
        state: 'waiting' as const,
        reason: 'joined',
      }));
      await insertTargets(sql, rollout, joined, now);
      await addWork(sql, 'rollout', [rollout], now);
    });
  }
}

async function readOne(sql: SqlRunner, where: string, parameters: readonly unknown[]): Promise<RolloutRow | undefined> {
  const [row] = await sql.query(
    `SELECT r.*, u.latest AS unit_latest, l.state AS latest_state FROM orchestrator.rollouts r
     LEFT JOIN orchestrator.units u ON u.unit = r.unit LEFT JOIN orchestrator.releases l ON l.release = u.latest WHERE ${where}`,
    parameters,
  );
  if (!row) return undefined;
  return toRollout(row, await readTargets(sql, String(row.rollout)));
}

function toLedger(row: Row): LedgerRow {
  return {
    n: Number(row.n),
    at: Number(row.at),
    actor: String(row.actor),
    subject: String(row.subject),
    from: String(row.from_state),
    to: String(row.to_state),
    reason: String(row.reason),
  };
}

function toRollout(row: Row, targets: Target[]): RolloutRow {
  const text = (column: string): string | undefined => (row[column] as string | null) ?? undefined;
  return {
    rollout: String(row.rollout),
    unit: String(row.unit),
    namespace: String(row.namespace),
    name: String(row.name),
    release: String(row.release),
    previous: text('previous'),
    policy: String(row.policy),
    message: String(row.message),
    since: Number(row.since),
    plan: (row.plan as RolloutPlan | null) ?? undefined,
    warning: (row.conditions as { message: string }[])[0]?.message,
    isPausedShown: row.paused_shown === true,
    run: {
      per: row.per as RolloutRow['run']['per'],
      phase: row.phase as RolloutRow['run']['phase'],
      resumePhase: text('resume_phase') as RolloutRow['run']['resumePhase'],
      pausedBy: text('paused_by') as RolloutRow['run']['pausedBy'],
      stageIndex: Number(row.stage_index),
      stages: row.stages as RunStage[],
      settledAt: row.settled_at === null ? undefined : Number(row.settled_at),
      approved: row.approved as string[],
      targets,
      hasSuccessor: row.unit_latest !== null && row.unit_latest !== row.release,
      hasPrevious: row.previous !== null,
    },
  };
}
