import type { SpokeId } from '@flotilla/kernel';
import type { Row, SqlRunner } from '@flotilla/persistence';
import type { Session, Spoke } from './spoke.js';

/** Sessions remembered per spoke: enough for three returns in ten minutes. */
const KEPT_SESSIONS = 20;

/** Rows of the registry's schema, on the connection of the caller's transaction. */
export class PgSpokeStore {
  readonly #sql: SqlRunner;

  constructor(sql: SqlRunner) {
    this.#sql = sql;
  }

  async get(spokeId: SpokeId): Promise<Spoke | undefined> {
    return toSpoke((await this.#sql.query('SELECT * FROM registry.spokes WHERE spoke_id = $1', [spokeId]))[0]);
  }

  /** Holds the row until commit, so that two hellos of a spoke take turns. */
  async getForUpdate(spokeId: SpokeId): Promise<Spoke | undefined> {
    return toSpoke((await this.#sql.query('SELECT * FROM registry.spokes WHERE spoke_id = $1 FOR UPDATE', [spokeId]))[0]);
  }

  async findByKey(publicNkey: string): Promise<Spoke | undefined> {
    return toSpoke((await this.#sql.query('SELECT * FROM registry.spokes WHERE public_nkey = $1', [publicNkey]))[0]);
  }

  /** Spokes of a cluster that were not revoked. */
  async liveOf(cluster: string): Promise<Spoke[]> {
    const rows = await this.#sql.query('SELECT * FROM registry.spokes WHERE cluster = $1 AND revoked_at IS NULL FOR UPDATE', [cluster]);
    return rows.flatMap((row) => toSpoke(row) ?? []);
  }

  async insert(spoke: Spoke): Promise<void> {
    await this.#sql.query(
      `INSERT INTO registry.spokes (spoke_id, cluster, public_nkey, sealing_key, token_name, accepted, enrolled_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7)`,
      [spoke.spokeId, spoke.cluster, spoke.publicNkey, spoke.sealingKey, spoke.tokenName, spoke.accepted, spoke.enrolledAt],
    );
  }

  /** Accepts a spoke and ends its quarantine; the next hello pins the cluster uid anew. */
  async accept(spokeId: SpokeId): Promise<void> {
    await this.#sql.query(
      'UPDATE registry.spokes SET accepted = true, quarantine = NULL, cluster_uid = CASE WHEN quarantine IS NULL THEN cluster_uid END WHERE spoke_id = $1',
      [spokeId],
    );
    await this.#sql.query('UPDATE registry.sessions SET is_return = false WHERE spoke_id = $1 AND is_return', [spokeId]);
  }

  async quarantine(spokeId: SpokeId, reason: string): Promise<void> {
    await this.#sql.query('UPDATE registry.spokes SET quarantine = $2 WHERE spoke_id = $1', [spokeId, reason]);
  }

  async move(spokeId: SpokeId, cluster: string): Promise<void> {
    await this.#sql.query('UPDATE registry.spokes SET cluster = $2 WHERE spoke_id = $1', [spokeId, cluster]);
  }

  /** Credentials issued before `untilSeconds` are refused from the next push on. */
  async revoke(spoke: Spoke, now: number, untilSeconds: number): Promise<void> {
    await this.#sql.query('UPDATE registry.spokes SET revoked_at = coalesce(revoked_at, $2) WHERE spoke_id = $1', [spoke.spokeId, now]);
    await this.#sql.query(
      `INSERT INTO registry.revocations (public_nkey, until_seconds, revoked_at) VALUES ($1, $2, $3)
       ON CONFLICT (public_nkey) DO NOTHING`,
      [spoke.publicNkey, untilSeconds, now],
    );
  }

  /** Revocations of credentials that may still be good; older ones are forgotten. */
  async revocations(nowSeconds: number): Promise<Record<string, number>> {
    await this.#sql.query('DELETE FROM registry.revocations WHERE until_seconds < $1', [nowSeconds]);
    const rows = await this.#sql.query('SELECT public_nkey, until_seconds FROM registry.revocations');
    return Object.fromEntries(rows.map((row) => [String(row.public_nkey), Number(row.until_seconds)]));
  }

  /** Newest first. */
  async sessions(spokeId: SpokeId): Promise<Session[]> {
    const rows = await this.#sql.query('SELECT * FROM registry.sessions WHERE spoke_id = $1 ORDER BY session DESC LIMIT $2', [
      spokeId,
      KEPT_SESSIONS,
    ]);
    return rows.map((row) => ({
      session: Number(row.session),
      instanceId: String(row.instance_id),
      startedAt: Number(row.started_at),
      isReturn: row.is_return === true,
    }));
  }

  /** Starts a session, numbered above every one before it, and makes it the spoke's. */
  async startSession(spokeId: SpokeId, session: Omit<Session, 'session'> & { clusterUid: string; attempt?: number }): Promise<number> {
    const [row] = await this.#sql.query(
      'INSERT INTO registry.sessions (spoke_id, instance_id, started_at, is_return) VALUES ($1, $2, $3, $4) RETURNING session',
      [spokeId, session.instanceId, session.startedAt, session.isReturn],
    );
    const number = Number(row?.session);
    await this.#sql.query(
      'UPDATE registry.spokes SET session = $2, instance_id = $3, cluster_uid = $4, hello_attempt = $5 WHERE spoke_id = $1',
      [spokeId, number, session.instanceId, session.clusterUid, session.attempt ?? null],
    );
    await this.#sql.query(
      `DELETE FROM registry.sessions WHERE spoke_id = $1 AND session <= (
         SELECT session FROM registry.sessions WHERE spoke_id = $1 ORDER BY session DESC OFFSET $2 LIMIT 1)`,
      [spokeId, KEPT_SESSIONS],
    );
    return number;
  }
}

function toSpoke(row: Row | undefined): Spoke | undefined {
  return (
    row && {
      spokeId: row.spoke_id as SpokeId,
      cluster: String(row.cluster),
      publicNkey: String(row.public_nkey),
      sealingKey: String(row.sealing_key),
      tokenName: String(row.token_name),
      accepted: row.accepted === true,
      enrolledAt: Number(row.enrolled_at),
      revokedAt: numberOf(row.revoked_at),
      quarantine: textOf(row.quarantine),
      clusterUid: textOf(row.cluster_uid),
      session: numberOf(row.session),
      instanceId: textOf(row.instance_id),
      helloAttempt: numberOf(row.hello_attempt),
    }
  );
}

const numberOf = (value: unknown): number | undefined => (value === null || value === undefined ? undefined : Number(value));
const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
