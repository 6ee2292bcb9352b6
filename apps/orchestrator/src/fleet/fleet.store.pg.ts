import type { SpokeId } from '@flotilla/kernel';
import type { Database } from '@flotilla/persistence';
import { addWork } from '../queue/work-queue.pg.js';
import { beginRemoval } from '../removals/begin-removal.pg.js';
import { forgetApplication, saveApplication, toApplication, type UnitRef } from './application-rows.pg.js';
import { forgetCluster, saveCluster, toCluster } from './cluster-rows.pg.js';
import {
  type FleetApplication,
  type FleetCluster,
  FleetStore,
  type GitSourceRow,
  type HubCondition,
  type RequestedOperation,
} from './fleet.store.js';

export class PgFleetStore extends FleetStore {
  readonly #database: Database;

  constructor(database: Database) {
    super();
    this.#database = database;
  }

  override async clusters(): Promise<FleetCluster[]> {
    return (await this.#database.query('SELECT * FROM orchestrator.clusters ORDER BY cluster')).map(toCluster);
  }

  override async clusterOfSpoke(spoke: SpokeId): Promise<FleetCluster | undefined> {
    return (await this.#database.query('SELECT * FROM orchestrator.clusters WHERE spoke_id = $1', [spoke])).map(toCluster)[0];
  }

  override saveCluster(cluster: FleetCluster, now: number): Promise<void> {
    return this.#database.transaction((sql) => saveCluster(sql, cluster, now));
  }

  override forgetCluster(cluster: string, now: number): Promise<void> {
    return this.#database.transaction((sql) => forgetCluster(sql, cluster, now));
  }

  override applications(unit: string): Promise<FleetApplication[]> {
    return this.#applications('unit = $1 AND NOT is_deleting ORDER BY name', [unit]);
  }

  override async application(namespace: string, name: string): Promise<FleetApplication | undefined> {
    return (await this.#applications('namespace = $1 AND name = $2 AND NOT is_deleting', [namespace, name]))[0];
  }

  override async applicationByUid(uid: string): Promise<FleetApplication | undefined> {
    return (await this.#applications('uid = $1', [uid]))[0];
  }

  override saveApplication(application: FleetApplication, unit: UnitRef, now: number): Promise<void> {
    return this.#database.transaction((sql) => saveApplication(sql, application, unit, now));
  }

  override async othersNamed(namespace: string, name: string, except: string | undefined): Promise<string[]> {
    const rows = await this.#database.query<{ uid: string }>(
      'SELECT uid FROM orchestrator.applications WHERE namespace = $1 AND name = $2 AND uid IS DISTINCT FROM $3',
      [namespace, name, except ?? null],
    );
    return rows.map(({ uid }) => uid);
  }

  override beginRemoval(uid: string, mode: 'prune' | 'orphan', now: number): Promise<boolean> {
    return this.#database.transaction((sql) => beginRemoval(sql, uid, mode, now));
  }

  override forgetApplication(uid: string, now: number): Promise<void> {
    return this.#database.transaction((sql) => forgetApplication(sql, uid, now));
  }

  override async saveConditions(conditions: ReadonlyMap<string, readonly HubCondition[]>, at: string): Promise<void> {
    if (conditions.size === 0) return;
    const known = await this.#database.query<{ uid: string; conditions: HubCondition[] }>(
      'SELECT uid, conditions FROM orchestrator.applications WHERE uid = ANY($1)',
      [[...conditions.keys()]],
    );
    const changed = known.flatMap(({ uid, conditions: before }) => {
      const after = (conditions.get(uid) ?? []).map(({ type, message }) => {
        const old = before.find((other) => other.type === type);
        return { type, message, lastTransitionTime: old?.message === message ? old.lastTransitionTime : at };
      });
      return JSON.stringify(after) === JSON.stringify(before) ? [] : [{ uid, text: JSON.stringify(after) }];
    });
    if (changed.length === 0) return;
    await this.#database.query(
      `UPDATE orchestrator.applications a SET conditions = t.text::jsonb, is_status_due = true
       FROM unnest($1::text[], $2::text[]) AS t (uid, text) WHERE a.uid = t.uid`,
      [changed.map(({ uid }) => uid), changed.map(({ text }) => text)],
    );
  }

  override request(uid: string, requested: RequestedOperation, now: number): Promise<void> {
    return this.#database.transaction(async (sql) => {
      const operation = { ...requested.operation, id: requested.id };
      const text = JSON.stringify(operation);
      const known = await sql.query(
        `UPDATE orchestrator.applications SET requested = $2, is_status_due = true WHERE uid = $1 AND requested->>'id' IS DISTINCT FROM $3 RETURNING uid`,
        [uid, JSON.stringify({ ...operation, at: new Date(now).toISOString() }), requested.id],
      );
      if (known.length === 0) return;
      const clusters = await sql.query<{ cluster: string; is_local: boolean }>(
        `UPDATE orchestrator.assignments SET operation = $2 WHERE app_uid = $1 AND operation->>'id' IS DISTINCT FROM $3 RETURNING cluster, content->>'hubBundle' IS NOT NULL AS is_local`,
        [uid, text, requested.id],
      );
      await addWork(
        sql,
        'cluster',
        clusters.map(({ cluster }) => cluster),
        now,
      );
      await addWork(sql, 'local', clusters.some(({ is_local }) => is_local) ? [uid] : [], now);
    });
  }

  override saveGitSource(name: string, source: GitSourceRow, rv: string, now: number): Promise<void> {
    return this.#database.transaction(async (sql) => {
      const changed = await sql.query(
        `INSERT INTO orchestrator.git_sources AS g (name, repo_url, ref, revision, traceparent, fault, rv) VALUES ($1, $2, $3, $4, $5, $6, $7)
         ON CONFLICT (name) DO UPDATE SET repo_url = excluded.repo_url, ref = excluded.ref, revision = excluded.revision,
           traceparent = excluded.traceparent, fault = excluded.fault, rv = excluded.rv
         WHERE g.rv <= excluded.rv AND (g.revision, g.fault) IS DISTINCT FROM (excluded.revision, excluded.fault) RETURNING name`,
        [name, source.repoURL, source.ref, source.revision, source.traceparent ?? null, source.fault ?? null, rv],
      );
      if (changed.length === 0) return;
      const units = await sql.query<{ unit: string }>(
        `SELECT DISTINCT a.unit FROM orchestrator.application_sources s JOIN orchestrator.applications a ON a.uid = s.app_uid
         WHERE s.repo_url = $1 AND s.ref = $2`,
        [source.repoURL, source.ref],
      );
      await addWork(
        sql,
        'unit',
        units.map(({ unit }) => unit),
        now,
      );
    });
  }

  override async forgetGitSource(name: string): Promise<void> {
    await this.#database.query('DELETE FROM orchestrator.git_sources WHERE name = $1', [name]);
  }

  override revisions(refs: readonly { repoURL: string; ref: string }[]): Promise<GitSourceRow[]> {
    return this.#database.query<GitSourceRow>(
      `SELECT DISTINCT g.repo_url AS "repoURL", g.ref, g.revision, g.traceparent, g.fault FROM orchestrator.git_sources g
       JOIN unnest($1::text[], $2::text[]) AS t (repo_url, ref) ON t.repo_url = g.repo_url AND t.ref = g.ref`,
      [refs.map(({ repoURL }) => repoURL), refs.map(({ ref }) => ref)],
    );
  }

  override async touchUnits(by: { project?: string; policy?: string }, now: number): Promise<void> {
    const units = await this.#database.query<{ unit: string }>(
      `SELECT DISTINCT unit FROM orchestrator.applications WHERE project = $1
       UNION SELECT unit FROM orchestrator.units WHERE policy = $2`,
      [by.project ?? null, by.policy ?? null],
    );
    await addWork(
      this.#database,
      'unit',
      units.map(({ unit }) => unit),
      now,
    );
  }

  override async touchSet(uid: string, { policy, strategy }: { policy?: string; strategy?: string }, now: number): Promise<void> {
    const changed = await this.#database.query<{ unit: string }>(
      `UPDATE orchestrator.units SET policy = $2, strategy = $3
       WHERE unit = $1 AND (policy IS DISTINCT FROM $2 OR strategy IS DISTINCT FROM $3) RETURNING unit`,
      [`set:${uid}`, policy ?? null, strategy ?? null],
    );
    await addWork(
      this.#database,
      'unit',
      changed.map(({ unit }) => unit),
      now,
    );
  }

  override async touchHistory(namespace: string, name: string, now: number): Promise<void> {
    const units = await this.#database.query<{ unit: string }>(
      `SELECT unit FROM orchestrator.units WHERE kind = 'ApplicationSet' AND namespace = $1 AND name = $2`,
      [namespace, name],
    );
    await addWork(
      this.#database,
      'history',
      units.map(({ unit }) => unit),
      now,
    );
  }

  async #applications(where: string, parameters: readonly unknown[]): Promise<FleetApplication[]> {
    return (await this.#database.query(`SELECT * FROM orchestrator.applications WHERE ${where}`, parameters)).map(toApplication);
  }
}
