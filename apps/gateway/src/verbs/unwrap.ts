import type { VerbError } from '@flotilla/contracts';
import { ConflictError, FlotillaError, ForbiddenError, InvalidInputError, NotFoundError, UnavailableError } from '@flotilla/kernel';

/** A refusal that a service put into its reply, with the code it gave. */
export class RefusedError extends FlotillaError {
  readonly code: string;

  constructor(error: VerbError) {
    super(error.message, error.place);
    this.code = error.code;
  }
}

const KNOWN: Readonly<Record<string, new (message: string, details?: Record<string, unknown>) => FlotillaError>> = {
  invalid: InvalidInputError,
  'not-found': NotFoundError,
  conflict: ConflictError,
  forbidden: ForbiddenError,
  unavailable: UnavailableError,
};

/** The answer of a verb, or its refusal thrown. */
export function unwrap<T extends object>(reply: T): Exclude<T, { error: VerbError }> {
  if ('error' in reply && reply.error) {
    const error = reply.error as VerbError;
    const Known = KNOWN[error.code];
    throw Known ? new Known(error.message, error.place) : new RefusedError(error);
  }
  return reply as Exclude<T, { error: VerbError }>;
}
