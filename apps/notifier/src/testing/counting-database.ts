import { Database, type Row, type SqlRunner } from '@flotilla/persistence';

/** Sent by a transaction besides its own statements: begin, isolation level, commit. */
const OF_TRANSACTION = 3;

/** A database that counts what is sent to it. */
export class CountingDatabase extends Database {
  readonly #inner: Database;
  statements = 0;

  constructor(inner: Database) {
    super();
    this.#inner = inner;
  }

  override query<T extends Row = Row>(sql: string, parameters?: readonly unknown[]): Promise<T[]> {
    this.statements++;
    return this.#inner.query<T>(sql, parameters);
  }

  override transaction<T>(work: (tx: SqlRunner) => Promise<T>): Promise<T> {
    this.statements += OF_TRANSACTION;
    const counted = (tx: SqlRunner): SqlRunner => ({
      query: (sql, parameters) => {
        this.statements++;
        return tx.query(sql, parameters);
      },
    });
    return this.#inner.transaction((tx) => work(counted(tx)));
  }

  override close(): Promise<void> {
    return this.#inner.close();
  }
}
