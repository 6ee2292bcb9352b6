/** What a caller may do about an error: nothing, try again as it is, or try again after reading the current state. */
export type Retry = 'never' | 'later' | 'reread';

/**
 * Base of every error the product raises on purpose. `code` is stable and documented, `message` names the object,
 * the field, the cause and the remedy; `details` carries the same facts as data. Neither ever holds a secret.
 */
export abstract class FlotillaError extends Error {
  abstract readonly code: string;
  readonly retry: Retry = 'never';
  readonly details: Readonly<Record<string, unknown>>;

  constructor(message: string, details: Record<string, unknown> = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.details = details;
  }
}

/** The input cannot be read or breaks a stated limit; sending it again gives the same answer. */
export class InvalidInputError extends FlotillaError {
  readonly code: string = 'invalid';
}

/** The named thing does not exist, or the caller may not know whether it does. */
export class NotFoundError extends FlotillaError {
  readonly code: string = 'not-found';
}

/** Somebody else changed the thing first; read it again and repeat. */
export class ConflictError extends FlotillaError {
  readonly code: string = 'conflict';
  override readonly retry: Retry = 'reread';
}

/** The caller is not who may do this. */
export class ForbiddenError extends FlotillaError {
  readonly code: string = 'forbidden';
}

/** A part that is needed is away or too slow; nothing was decided. */
export class UnavailableError extends FlotillaError {
  readonly code: string = 'unavailable';
  override readonly retry: Retry = 'later';
}

/** The text of anything thrown, for a log field or a condition. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

export function codeOf(error: unknown): string {
  if (error instanceof FlotillaError) return error.code;
  return 'internal';
}
