import type { SqlRunner } from '@flotilla/persistence';
import { readResourceVersion } from '../document/continue-token.js';

/** How far each consumer of the log got, per kind. */
export class ConsumerCursors {
  readonly #sql: SqlRunner;

  constructor(sql: SqlRunner) {
    this.#sql = sql;
  }

  /** Undefined for a consumer that never read: it begins with the current documents and their list's rv. */
  async read(consumer: string, kind: string, tx: SqlRunner = this.#sql): Promise<string | undefined> {
    const [row] = await tx.query<{ rv: string }>('SELECT rv FROM resources.cursors WHERE consumer = $1 AND kind = $2', [consumer, kind]);
    return row?.rv;
  }

  /** How far a consumer got in the kinds it has begun with. */
  async readAll(consumer: string): Promise<Map<string, string>> {
    const rows = await this.#sql.query<{ kind: string; rv: string }>('SELECT kind, rv FROM resources.cursors WHERE consumer = $1', [
      consumer,
    ]);
    return new Map(rows.map(({ kind, rv }) => [kind, rv]));
  }

  /** Never moves back. Given the transaction of the consumer's own rows, its work and its position commit together. */
  async advance(consumer: string, kind: string, resourceVersion: string, tx: SqlRunner = this.#sql): Promise<void> {
    await tx.query(
      `INSERT INTO resources.cursors AS cursor (consumer, kind, rv) VALUES ($1, $2, $3)
       ON CONFLICT (consumer, kind) DO UPDATE SET rv = excluded.rv WHERE cursor.rv < excluded.rv`,
      [consumer, kind, readResourceVersion(resourceVersion)],
    );
  }

  /** Sets a consumer back to where the log can be read again after it fell below the retention. */
  async reset(consumer: string, kind: string, resourceVersion: string, tx: SqlRunner = this.#sql): Promise<void> {
    await tx.query(
      `INSERT INTO resources.cursors (consumer, kind, rv) VALUES ($1, $2, $3)
       ON CONFLICT (consumer, kind) DO UPDATE SET rv = excluded.rv`,
      [consumer, kind, readResourceVersion(resourceVersion)],
    );
  }
}
