import { InvalidInputError, UnavailableError } from '@flotilla/kernel';
import { DataSource, type QueryRunner } from 'typeorm';
import { mapDatabaseError } from './database.errors.js';
import { Database, type Row, type SqlRunner } from './database.js';

const CONNECT_TIMEOUT_MS = 5_000;
const DEFAULT_MAX_CONNECTIONS = 10;
const DEFAULT_STATEMENT_TIMEOUT_MS = 30_000;

export interface DatabaseOptions {
  /** `postgresql://user:password@host:port/database` */
  url: string;
  /** Size of the pool; a query beyond it waits. Default 10. */
  maxConnections?: number;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** A statement that takes longer is cancelled and surfaces as UnavailableError. Default 30,000; 0 for none. */
  statementTimeoutMs?: number;
  /** Told of errors on idle connections (a stopped server); the pool replaces them by itself. */
  onIdleError?: (error: Error) => void;
}

/** A database that connects on its first query, so that a server that starts later is no error at construction. */
export function openDatabase(options: DatabaseOptions): Database {
  return new PgDatabase(options);
}

class PgDatabase extends Database {
  readonly #options: DatabaseOptions;
  #source: Promise<DataSource> | undefined;
  #isClosed = false;

  constructor(options: DatabaseOptions) {
    super();
    this.#options = options;
  }

  override async query<T extends Row = Row>(sql: string, parameters?: readonly unknown[]): Promise<T[]> {
    return this.#withRunner((runner) => run<T>(runner, sql, parameters));
  }

  override async transaction<T>(work: (tx: SqlRunner) => Promise<T>): Promise<T> {
    return this.#withRunner(async (runner) => {
      // One statement, where TypeORM sends two; whatever the server's default is, our stores are written for this level.
      await runner.query('START TRANSACTION ISOLATION LEVEL READ COMMITTED').catch(rethrow);
      const tx = new TransactionRunner(runner);
      try {
        const result = await work(tx);
        await tx.settle();
        await runner.query('COMMIT').catch(rethrow);
        return result;
      } catch (error) {
        await tx.settle().catch(() => undefined);
        // The connection may be what failed; its transaction is then gone with it.
        if (!runner.isReleased) await runner.query('ROLLBACK').catch(() => undefined);
        throw error;
      } finally {
        tx.end();
      }
    });
  }

  override async close(): Promise<void> {
    this.#isClosed = true;
    const source = await this.#source?.catch(() => undefined);
    this.#source = undefined;
    await source?.destroy();
  }

  async #withRunner<T>(work: (runner: QueryRunner) => Promise<T>): Promise<T> {
    const source = await this.#connected();
    const runner = source.createQueryRunner();
    try {
      await runner.connect().catch(rethrow);
      return await work(runner);
    } finally {
      await runner.release();
    }
  }

  #connected(): Promise<DataSource> {
    if (this.#isClosed) return Promise.reject(new UnavailableError('the database was closed by this process'));
    this.#source ??= dataSource(this.#options)
      .initialize()
      .catch((error: unknown) => {
        this.#source = undefined;
        throw mapDatabaseError(error);
      });
    return this.#source;
  }
}

/** One statement at a time, as the protocol wants it, however the caller awaits. */
class TransactionRunner implements SqlRunner {
  readonly #runner: QueryRunner;
  #last: Promise<unknown> = Promise.resolve();
  #failure: { error: unknown } | undefined;
  #hasEnded = false;

  constructor(runner: QueryRunner) {
    this.#runner = runner;
  }

  query<T extends Row = Row>(sql: string, parameters?: readonly unknown[]): Promise<T[]> {
    const next = this.#last.then(() => this.#run<T>(sql, parameters));
    this.#last = next.catch(() => undefined);
    return next;
  }

  async #run<T extends Row>(sql: string, parameters?: readonly unknown[]): Promise<T[]> {
    if (this.#hasEnded)
      throw new InvalidInputError('a statement was sent to a transaction that has ended; await every query inside its work');
    try {
      const rows = await run<T>(this.#runner, sql, parameters);
      if (/^\s*rollback\s+to\b/i.test(sql)) this.#failure = undefined;
      return rows;
    } catch (error) {
      this.#failure ??= { error };
      throw error;
    }
  }

  end(): void {
    this.#hasEnded = true;
  }

  /** After a failed statement COMMIT silently rolls back; a caller that swallowed the failure has to hear of it. */
  async settle(): Promise<void> {
    await this.#last;
    if (this.#failure) throw this.#failure.error;
  }
}

function dataSource(options: DatabaseOptions): DataSource {
  return new DataSource({
    type: 'postgres',
    url: options.url,
    poolSize: options.maxConnections ?? DEFAULT_MAX_CONNECTIONS,
    applicationName: options.applicationName,
    connectTimeoutMS: CONNECT_TIMEOUT_MS,
    installExtensions: false,
    synchronize: false,
    logging: false,
    poolErrorHandler: (error: Error) => options.onIdleError?.(error),
    extra: { statement_timeout: options.statementTimeoutMs ?? DEFAULT_STATEMENT_TIMEOUT_MS, keepAlive: true },
  });
}

async function run<T extends Row>(runner: QueryRunner, sql: string, parameters?: readonly unknown[]): Promise<T[]> {
  // Without parameters the driver speaks the simple protocol, which takes several statements at once.
  const result = await runner.query(sql, parameters === undefined ? undefined : [...parameters], true).catch(rethrow);
  return (result.records ?? []) as T[];
}

function rethrow(error: unknown): never {
  throw mapDatabaseError(error);
}
