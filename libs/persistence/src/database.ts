import type { FlotillaError } from '@flotilla/kernel';

/** One row as the driver returns it: snake_case columns, bigint as string, jsonb parsed. */
export type Row = Record<string, unknown>;

/** Literal SQL with $1 parameters, inside or outside a transaction. */
export interface SqlRunner {
  query<T extends Row = Row>(sql: string, parameters?: readonly unknown[]): Promise<T[]>;
}

/**
 * The process' pool of PostgreSQL connections. Errors the server raises for reasons that pass (lost connection,
 * serialization failure, deadlock, shutdown) surface as UnavailableError or ConflictError; others as thrown.
 */
export abstract class Database implements SqlRunner {
  abstract query<T extends Row = Row>(sql: string, parameters?: readonly unknown[]): Promise<T[]>;

  /** Runs `work` in one READ COMMITTED transaction; a throw rolls back. Nothing is retried. */
  abstract transaction<T>(work: (tx: SqlRunner) => Promise<T>): Promise<T>;

  abstract close(): Promise<void>;
}

/** A service's schema: its literal, forward-only migrations run in order under one advisory lock per schema. */
export interface SchemaMigrations {
  schema: string;
  migrations: readonly { name: string; sql: string }[];
}

export type DatabaseError = FlotillaError;
