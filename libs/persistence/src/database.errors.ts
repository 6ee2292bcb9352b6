import { ConflictError, FlotillaError, UnavailableError } from '@flotilla/kernel';
import { QueryRunnerAlreadyReleasedError } from 'typeorm';

/** A row with that key exists; `constraint` names the unique index that says so. */
export class UniqueViolationError extends ConflictError {
  override readonly code = 'unique-violation';
  readonly constraint: string;

  constructor(constraint: string, cause: unknown) {
    super(`a row with the same key exists (constraint ${constraint})`, { constraint }, cause);
    this.constraint = constraint;
  }
}

/** SQLSTATE classes and codes after which the same statement may pass: the server is away, ending, full or too slow. */
const PASSING = /^(08|53|57P0[1-5]$|57014$|55P03$|25P03$)/;
const CONFLICTING = /^(40001|40P01)$/;
const UNIQUE_VIOLATION = '23505';
const SOCKET_CODES = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);
/** The driver raises these without any code. */
const DRIVER_MESSAGES =
  /connection terminated|timeout exceeded when trying to connect|client has encountered a connection error|not queryable/i;

/**
 * What an error of the driver means to a caller. A statement's parameters never get into a message: the wrapping
 * that TypeORM adds, which carries them, is taken off.
 */
export function mapDatabaseError(thrown: unknown): unknown {
  if (thrown instanceof FlotillaError) return thrown;
  // TypeORM gives a connection back as soon as its socket breaks, whoever still works on it.
  if (thrown instanceof QueryRunnerAlreadyReleasedError) return new UnavailableError('the connection to PostgreSQL was lost', {}, thrown);
  const error = driverErrorOf(thrown);
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  const sqlState = typeof code === 'string' ? code : '';
  if (sqlState === UNIQUE_VIOLATION) return new UniqueViolationError(String(constraint), error);
  if (CONFLICTING.test(sqlState)) return new ConflictError(`another transaction was in the way: ${textOf(error)}`, { sqlState }, error);
  if (PASSING.test(sqlState) || SOCKET_CODES.has(sqlState) || DRIVER_MESSAGES.test(textOf(error))) {
    return new UnavailableError(`PostgreSQL is away or too slow: ${textOf(error)}`, { sqlState }, error);
  }
  return error;
}

function driverErrorOf(thrown: unknown): unknown {
  const inner = thrown instanceof Error && 'driverError' in thrown ? thrown.driverError : undefined;
  return inner instanceof Error ? inner : thrown;
}

/** An AggregateError of a dual-stack connect has an empty message of its own. */
function textOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(textOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
