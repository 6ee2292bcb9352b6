import type { Database } from '@flotilla/persistence';
import { LoginFailureStore } from './login-failures.store.js';

const KEEP = "interval '1 hour'";

export class PgLoginFailureStore extends LoginFailureStore {
  readonly #database: Database;

  constructor(database: Database) {
    super();
    this.#database = database;
  }

  async add(keys: readonly string[], at: Date): Promise<void> {
    await this.#database.transaction(async (tx) => {
      await tx.query(`DELETE FROM gateway.login_failures WHERE at < $1::timestamptz - ${KEEP}`, [at]);
      await tx.query('INSERT INTO gateway.login_failures (key, at) SELECT key, $2 FROM unnest($1::text[]) AS key', [keys, at]);
    });
  }

  async countSince(keys: readonly string[], since: Date): Promise<number> {
    const [row] = await this.#database.query<{ count: string | null }>(
      'SELECT max(n) AS count FROM (SELECT count(*) AS n FROM gateway.login_failures WHERE key = ANY($1) AND at > $2 GROUP BY key) AS counts',
      [keys, since],
    );
    return Number(row?.count ?? 0);
  }
}
