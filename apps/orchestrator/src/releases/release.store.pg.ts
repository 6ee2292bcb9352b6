import type { Database, Row, SqlRunner } from '@flotilla/persistence';
import type { Revisions } from '../candidates/pin-commits.js';
import { nameHistory } from '../history/history.store.pg.js';
import { addWork } from '../queue/work-queue.pg.js';
import { nameSources } from '../secrets/name-sources.pg.js';
import { markStatusDue } from '../status/mark-status-due.pg.js';
import { assignMembers } from './assign.pg.js';
import type { Member } from './freeze-member.js';
import { type AssignOptions, type ReleaseMatch, type ReleaseRow, type ReleaseState, ReleaseStore, type Unit } from './release.store.js';
import { releaseName } from './release-name.js';

/** How far back equal content is recognised. */
const REMEMBERED = 10;

export class PgReleaseStore extends ReleaseStore {
  readonly #database: Database;

  constructor(database: Database) {
    super();
    this.#database = database;
  }

  override async unit(unit: string): Promise<Unit | undefined> {
    return (await this.#database.query('SELECT * FROM orchestrator.units WHERE unit = $1', [unit])).map(toUnit)[0];
  }

  override async ensureUnit({ unit, kind, namespace, name, uid }: Unit): Promise<Unit> {
    await this.#database.query(
      'INSERT INTO orchestrator.units (unit, kind, namespace, name, uid) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (unit) DO NOTHING',
      [unit, kind, namespace, name, uid],
    );
    return (await this.unit(unit))!;
  }

  override async unitNamed(kind: string, namespace: string, name: string): Promise<Unit | undefined> {
    const rows = await this.#database.query(
      `SELECT u.* FROM orchestrator.units u WHERE kind = $1 AND namespace = $2 AND name = $3
       ORDER BY EXISTS (SELECT 1 FROM orchestrator.applications a WHERE a.unit = u.unit) DESC, u.sequence DESC LIMIT 1`,
      [kind, namespace, name],
    );
    return rows.map(toUnit)[0];
  }

  override async release(release: string): Promise<ReleaseRow | undefined> {
    return (await this.#database.query('SELECT * FROM orchestrator.releases WHERE release = $1', [release])).map(toRelease)[0];
  }

  override async countMembers(release: string): Promise<number> {
    const [row] = await this.#database.query<{ n: string }>('SELECT count(*) AS n FROM orchestrator.release_members WHERE release = $1', [
      release,
    ]);
    return Number(row?.n ?? 0);
  }

  override async isKept(sql: SqlRunner, release: string): Promise<boolean> {
    return (await sql.query('SELECT 1 FROM orchestrator.releases WHERE release = $1 FOR SHARE', [release])).length > 0;
  }

  override async match(unit: string, members: readonly Member[]): Promise<ReleaseMatch[]> {
    const rows = await this.#database.query<{ release: string; state: ReleaseState; is_equal: boolean | null; joiners: string[] | null }>(
      `WITH candidate AS (SELECT * FROM unnest($2::text[], $3::text[]) AS t (app_uid, digest)),
            recent AS (SELECT release, state, sequence FROM orchestrator.releases WHERE unit = $1 ORDER BY sequence DESC LIMIT ${REMEMBERED})
       SELECT r.release, r.state, bool_and(m.digest = c.digest) FILTER (WHERE m.app_uid IS NOT NULL) AS is_equal,
              array_agg(c.app_uid) FILTER (WHERE m.app_uid IS NULL) AS joiners
       FROM recent r CROSS JOIN candidate c LEFT JOIN orchestrator.release_members m ON m.release = r.release AND m.app_uid = c.app_uid
       GROUP BY r.release, r.state, r.sequence ORDER BY r.sequence DESC`,
      [unit, members.map(({ uid }) => uid), members.map(({ digest }) => digest)],
    );
    return rows.map(({ release, state, is_equal, joiners }) => ({ release, state, isEqual: is_equal === true, joiners: joiners ?? [] }));
  }

  override create(
    unit: Unit,
    { key, revisions, traceparent }: { key: string; revisions: Revisions; traceparent?: string },
    members: readonly Member[],
    now: number,
  ): Promise<ReleaseRow> {
    return this.#database.transaction(async (sql) => {
      const [counted] = await sql.query<{ sequence: number }>(
        'UPDATE orchestrator.units SET sequence = sequence + 1 WHERE unit = $1 RETURNING sequence',
        [unit.unit],
      );
      const sequence = Number(counted!.sequence);
      const name = releaseName(unit, sequence);
      const release = `${unit.namespace}/${name}`;
      const rows = await sql.query(
        `INSERT INTO orchestrator.releases (release, unit, name, sequence, key, revisions, state, created_at, traceparent)
         VALUES ($1, $2, $3, $4, $5, $6, 'Pending', $7, $8) RETURNING *`,
        [release, unit.unit, name, sequence, key, JSON.stringify(revisions), now, traceparent ?? null],
      );
      await insertMembers(sql, release, members, now);
      await sql.query('UPDATE orchestrator.units SET latest = $2 WHERE unit = $1', [unit.unit, release]);
      await nameHistory(sql, unit.unit, now);
      await addWork(sql, 'summary', [`release:${release}`], now);
      return toRelease(rows[0]!);
    });
  }

  override makeLatest(unit: string, release: string, now: number): Promise<void> {
    return this.#database.transaction(async (sql) => {
      await sql.query('UPDATE orchestrator.units SET latest = $2 WHERE unit = $1', [unit, release]);
      await addWork(sql, 'unit', [unit], now);
    });
  }

  override amend(
    release: string,
    { revisions, joiners, keep }: { revisions: Revisions; joiners: readonly Member[]; keep?: readonly string[] },
    now: number,
  ): Promise<void> {
    return this.#database.transaction(async (sql) => {
      const moved = await sql.query(
        'UPDATE orchestrator.releases SET revisions = $2 WHERE release = $1 AND revisions <> $2::jsonb RETURNING release',
        [release, JSON.stringify(revisions)],
      );
      const left = await sql.query(
        'DELETE FROM orchestrator.release_members WHERE release = $1 AND $2::text[] IS NOT NULL AND app_uid <> ALL($2) RETURNING app_uid',
        [release, keep ?? null],
      );
      await insertMembers(sql, release, joiners, now);
      if (moved.length + left.length + joiners.length === 0) return;
      const served = await sql.query<{ app_uid: string }>('SELECT app_uid FROM orchestrator.assignments WHERE release = $1', [release]);
      await markStatusDue(
        sql,
        served.map(({ app_uid }) => app_uid),
      );
      await addWork(sql, 'summary', [`release:${release}`], now);
    });
  }

  override setState(release: string, state: ReleaseState, now: number): Promise<void> {
    return this.#database.transaction((sql) => setReleaseState(sql, release, state, now));
  }

  override assign(release: string, options: AssignOptions, now: number): Promise<string[]> {
    return this.#database.transaction(async (sql) => (await assignMembers(sql, release, options, now)).clusters);
  }

  override async assigned(
    uids: readonly string[],
  ): Promise<Map<string, { release: string; cluster: string; digest: string; bundle: string }>> {
    const rows = await this.#database.query<{ app_uid: string; release: string; cluster: string; digest: string; bundle: string }>(
      `SELECT app_uid, release, cluster, digest, content->>'bundle' AS bundle FROM orchestrator.assignments WHERE app_uid = ANY($1)`,
      [uids],
    );
    return new Map(rows.map(({ app_uid, ...rest }) => [app_uid, rest]));
  }
}

/** A release that went through is the one to roll back to. */
export async function setReleaseState(sql: SqlRunner, release: string, state: ReleaseState, now: number): Promise<void> {
  const changed = await sql.query<{ unit: string }>(
    'UPDATE orchestrator.releases SET state = $2 WHERE release = $1 AND state <> $2 RETURNING unit',
    [release, state],
  );
  if (changed.length === 0) return;
  if (state === 'Live') await sql.query('UPDATE orchestrator.units SET good = $2 WHERE unit = $1', [changed[0]!.unit, release]);
  await addWork(sql, 'summary', [`release:${release}`], now);
}

async function insertMembers(sql: SqlRunner, release: string, members: readonly Member[], now: number): Promise<void> {
  if (members.length === 0) return;
  await sql.query(
    `INSERT INTO orchestrator.release_members (release, app_uid, cluster, digest, content)
     SELECT $1, t.* FROM unnest($2::text[], $3::text[], $4::text[], $5::jsonb[]) AS t (app_uid, cluster, digest, content)
     ON CONFLICT (release, app_uid) DO UPDATE SET cluster = excluded.cluster, digest = excluded.digest, content = excluded.content`,
    [
      release,
      members.map(({ uid }) => uid),
      members.map(({ cluster }) => cluster),
      members.map(({ digest }) => digest),
      members.map(({ content }) => JSON.stringify(content)),
    ],
  );
  const asking = members.filter(({ content }) => content.secrets);
  if (asking.length > 0)
    await nameSources(
      sql,
      release,
      asking.map(({ uid }) => uid),
      now,
    );
}

const toUnit = (row: Row): Unit => ({
  unit: String(row.unit),
  kind: row.kind as Unit['kind'],
  namespace: String(row.namespace),
  name: String(row.name),
  uid: String(row.uid),
  latest: (row.latest as string | null) ?? undefined,
  good: (row.good as string | null) ?? undefined,
});

const toRelease = (row: Row): ReleaseRow => ({
  release: String(row.release),
  unit: String(row.unit),
  name: String(row.name),
  sequence: Number(row.sequence),
  key: String(row.key),
  revisions: row.revisions as Revisions,
  state: row.state as ReleaseState,
  createdAt: Number(row.created_at),
  traceparent: (row.traceparent as string | null) ?? undefined,
});
