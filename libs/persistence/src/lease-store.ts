import { ConflictError } from '@flotilla/kernel';
import type { Database, SchemaMigrations, SqlRunner } from './database.js';

/** Schema of the lease rows; run it with `migrate` before the store is used. */
export const leaseMigrations: SchemaMigrations = {
  schema: 'leases',
  migrations: [
    {
      name: '1763700000000-create-leases',
      sql: `CREATE TABLE leases.leases (
              name text PRIMARY KEY,
              holder text NOT NULL,
              fence bigint NOT NULL,
              expires_at timestamptz NOT NULL)`,
    },
  ],
};

/** A singleton's right to act. `fence` rises with every new holding, so that a holder that slept can be told from the present one. */
export interface Lease {
  name: string;
  holder: string;
  fence: number;
}

/** Fenced leases by PostgreSQL's clock: at most one holder per name at a time. */
export class LeaseStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Takes a lease that is free or expired; undefined while another holder has it. Taking one's own again is a new holding. */
  async acquire(name: string, holder: string, ttlMs: number): Promise<Lease | undefined> {
    const rows = await this.#database.query<{ fence: string }>(
      `INSERT INTO leases.leases AS held (name, holder, fence, expires_at)
       VALUES ($1, $2, 1, clock_timestamp() + $3 * interval '1 millisecond')
       ON CONFLICT (name) DO UPDATE
         SET holder = excluded.holder, fence = held.fence + 1, expires_at = excluded.expires_at
         WHERE held.holder = excluded.holder OR held.expires_at <= clock_timestamp()
       RETURNING fence`,
      [name, holder, ttlMs],
    );
    return rows[0] && { name, holder, fence: Number(rows[0].fence) };
  }

  /** Extends a holding; false when it ended, and then the holder must stop acting. */
  async renew(lease: Lease, ttlMs: number): Promise<boolean> {
    const rows = await this.#database.query(
      `UPDATE leases.leases SET expires_at = clock_timestamp() + $3 * interval '1 millisecond'
       WHERE name = $1 AND fence = $2 AND expires_at > clock_timestamp() RETURNING name`,
      [lease.name, lease.fence, ttlMs],
    );
    return rows.length === 1;
  }

  /** Ends a holding at once; nothing when it is another's already. */
  async release(lease: Lease): Promise<void> {
    await this.#database.query('UPDATE leases.leases SET expires_at = clock_timestamp() WHERE name = $1 AND fence = $2', [
      lease.name,
      lease.fence,
    ]);
  }

  /**
   * Called in a transaction that acts as the holder: nobody can take the lease before it ends.
   * @throws ConflictError when the holding ended
   */
  async assertHeld(tx: SqlRunner, lease: Lease): Promise<void> {
    const rows = await tx.query('SELECT 1 FROM leases.leases WHERE name = $1 AND fence = $2 AND expires_at > clock_timestamp() FOR SHARE', [
      lease.name,
      lease.fence,
    ]);
    if (rows.length === 0) {
      throw new ConflictError(`lease ${lease.name} is no longer held with fence ${lease.fence}; another holder may act`, { ...lease });
    }
  }
}
