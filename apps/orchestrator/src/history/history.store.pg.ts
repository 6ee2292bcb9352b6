import type { Database, SqlRunner } from '@flotilla/persistence';
import { addWork } from '../queue/work-queue.pg.js';
import { ACTIVE_PHASES } from '../rollouts/rollout.js';
import { HistoryStore, type HistoryUnit, type OldHistory } from './history.store.js';

/** As Argo CD's revisionHistoryLimit. */
const DEFAULT_KEPT = 10;
/** A bundle is rendered before the release that names it is made. */
const UNUSED_DEFINITIONS_MS = 24 * 3_600_000;
/** A commit that makes many releases has better things to do first. */
const HURRY_MS = 10_000;

/** A set keeps as much as its applications ask for. */
const KEPT = `GREATEST(0, COALESCE((SELECT max((a.document->'spec'->>'revisionHistoryLimit')::int) FROM orchestrator.applications a
  WHERE a.unit = units.unit OR a.uid = units.uid), ${DEFAULT_KEPT}))`;

/** $1 unit, $2 whether it is gone, $3 active phases. */
const UNIT = `
WITH u AS (
  SELECT unit, sequence, CASE WHEN $2 THEN NULL ELSE latest END AS latest, CASE WHEN $2 THEN NULL ELSE good END AS good,
    CASE WHEN $2 THEN 0 ELSE ${KEPT} END AS kept
  FROM orchestrator.units WHERE unit = $1
),
runs AS (
  SELECT o.rollout, o.release, o.previous, o.created_at, o.phase = ANY($3) AS is_active,
    row_number() OVER (ORDER BY o.created_at DESC, o.rollout DESC) AS age,
    row_number() OVER (PARTITION BY o.release ORDER BY o.created_at DESC, o.rollout DESC) AS age_of_release
  FROM orchestrator.rollouts o WHERE o.unit = $1
),
needed AS (SELECT release, previous FROM runs WHERE NOT $2 AND (is_active OR age = 1))`;

const OLD_RELEASES = `${UNIT}
SELECT r.release FROM orchestrator.releases r JOIN u ON u.unit = r.unit
WHERE r.sequence <= u.sequence - u.kept AND r.release IS DISTINCT FROM u.latest AND r.release IS DISTINCT FROM u.good
  AND NOT EXISTS (SELECT 1 FROM needed n WHERE r.release IN (n.release, n.previous))
  AND NOT EXISTS (SELECT 1 FROM orchestrator.assignments a WHERE a.release = r.release)
  AND NOT EXISTS (SELECT 1 FROM orchestrator.release_members m JOIN orchestrator.app_status st ON st.app_uid = m.app_uid
    WHERE m.release = r.release AND split_part(st.release, '+', 1) = r.name)`;

const OLD_ROLLOUTS = `${UNIT}
SELECT o.rollout FROM runs o CROSS JOIN u
WHERE ($2 OR NOT o.is_active AND o.age > GREATEST(u.kept, 1))
  AND NOT (o.age_of_release = 1 AND (o.release IS NOT DISTINCT FROM u.latest OR o.release IS NOT DISTINCT FROM u.good))
  AND NOT EXISTS (SELECT 1 FROM orchestrator.assignments a WHERE a.release IN (o.release, o.previous) AND a.rollout = o.rollout)`;

export class PgHistoryStore extends HistoryStore {
  readonly #database: Database;

  constructor(database: Database) {
    super();
    this.#database = database;
  }

  override async unit(unit: string): Promise<HistoryUnit | undefined> {
    const [row] = await this.#database.query<Omit<HistoryUnit, 'isEmpty'> & { is_empty: boolean }>(
      `SELECT kind, namespace, name, uid, NOT EXISTS (SELECT 1 FROM orchestrator.applications a WHERE a.unit = u.unit OR a.uid = u.uid) AS is_empty
       FROM orchestrator.units u WHERE unit = $1`,
      [unit],
    );
    return row && { kind: row.kind, namespace: row.namespace, name: row.name, uid: row.uid, isEmpty: row.is_empty };
  }

  override async old(unit: string, { isGone, limit }: { isGone: boolean; limit: number }): Promise<OldHistory> {
    const releases = await this.#database.query<{ release: string }>(`${OLD_RELEASES} ORDER BY r.sequence LIMIT $4`, [
      unit,
      isGone,
      ACTIVE_PHASES,
      limit,
    ]);
    const rollouts = await this.#database.query<{ rollout: string }>(`${OLD_ROLLOUTS} ORDER BY o.created_at LIMIT $4`, [
      unit,
      isGone,
      ACTIVE_PHASES,
      limit,
    ]);
    return { releases: releases.map(({ release }) => release), rollouts: rollouts.map(({ rollout }) => rollout) };
  }

  override async forgetRelease(sql: SqlRunner, unit: string, release: string, isGone: boolean): Promise<boolean> {
    await lock(sql, unit);
    const gone = await sql.query(
      `DELETE FROM orchestrator.releases WHERE release = $4 AND release IN (${OLD_RELEASES}) RETURNING release`,
      [unit, isGone, ACTIVE_PHASES, release],
    );
    return gone.length > 0;
  }

  override async forgetRollout(sql: SqlRunner, unit: string, rollout: string, isGone: boolean): Promise<boolean> {
    await lock(sql, unit);
    const gone = await sql.query(
      `DELETE FROM orchestrator.rollouts WHERE rollout = $4 AND rollout IN (${OLD_ROLLOUTS}) RETURNING rollout`,
      [unit, isGone, ACTIVE_PHASES, rollout],
    );
    return gone.length > 0;
  }

  override async forgetUnit(unit: string): Promise<void> {
    await this.#database.query(
      `DELETE FROM orchestrator.units u WHERE unit = $1
         AND NOT EXISTS (SELECT 1 FROM orchestrator.releases r WHERE r.unit = u.unit)
         AND NOT EXISTS (SELECT 1 FROM orchestrator.rollouts o WHERE o.unit = u.unit)
         AND NOT EXISTS (SELECT 1 FROM orchestrator.applications a WHERE a.unit = u.unit OR a.uid = u.uid)`,
      [unit],
    );
  }

  override async sweep(now: number): Promise<void> {
    const units = await this.#database.query<{ unit: string }>(
      `SELECT unit FROM orchestrator.releases GROUP BY unit HAVING count(*) > ${DEFAULT_KEPT}
       UNION SELECT unit FROM orchestrator.rollouts GROUP BY unit HAVING count(*) > ${DEFAULT_KEPT}
       UNION SELECT unit FROM orchestrator.units u WHERE kind = 'ApplicationSet' AND NOT EXISTS (SELECT 1 FROM orchestrator.applications a WHERE a.unit = u.unit)`,
    );
    await addWork(
      this.#database,
      'history',
      units.map(({ unit }) => unit),
      now,
    );
    await this.#database.query(
      `DELETE FROM orchestrator.defined_kinds k WHERE seen_at < $1
         AND NOT EXISTS (SELECT 1 FROM orchestrator.assignments a WHERE a.content->>'bundle' = k.bundle)
         AND NOT EXISTS (SELECT 1 FROM orchestrator.release_members m WHERE m.content->>'bundle' = k.bundle)`,
      [now - UNUSED_DEFINITIONS_MS],
    );
  }
}

/** For whoever makes a release: its unit is looked at when it has more than it keeps, and when the hurry is over. */
export async function nameHistory(sql: SqlRunner, unit: string, now: number): Promise<void> {
  const [old] = await sql.query(
    `SELECT 1 FROM orchestrator.units JOIN orchestrator.releases r USING (unit) WHERE unit = $1 AND r.sequence <= units.sequence - ${KEPT} LIMIT 1`,
    [unit],
  );
  if (old) await addWork(sql, 'history', [unit], now + HURRY_MS);
}

/** Whoever makes a release or starts a run of the unit holds this row too. */
async function lock(sql: SqlRunner, unit: string): Promise<void> {
  await sql.query('SELECT 1 FROM orchestrator.units WHERE unit = $1 FOR UPDATE', [unit]);
}
