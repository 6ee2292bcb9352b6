import { FlotillaError, ForbiddenError, InvalidInputError, NotFoundError, type Retry, UnavailableError } from '@flotilla/kernel';

/** A field of a generator cannot be used: malformed, unknown, or not supported. */
export class ScmSpecError extends InvalidInputError {
  override readonly code = 'scm-spec';
}

/** The host does not take the token (401), or there is none where one is needed. */
export class ScmUnauthorizedError extends ForbiddenError {
  override readonly code = 'scm-unauthorized';
}

/** The token is known and may not do this (403). */
export class ScmForbiddenError extends ForbiddenError {
  override readonly code = 'scm-forbidden';
}

/** No such organization, group, project or repository for this token; hosts answer the same for what it may not see. */
export class ScmNotFoundError extends NotFoundError {
  override readonly code = 'scm-not-found';
}

/** A redirect or a paging link leads to another origin than the one the token is for. */
export class ScmOriginError extends ForbiddenError {
  override readonly code = 'scm-origin';
}

/** More pages, items or bytes than are read, or pages that never end. */
export class ScmLimitError extends InvalidInputError {
  override readonly code = 'scm-limit';
}

/** The host counts calls and this one was too many; it asks to wait. */
export class ScmRateLimitedError extends UnavailableError {
  override readonly code = 'scm-rate-limited';
  /** Milliseconds until the host is asked again; until then no call leaves. */
  readonly retryAfterMs: number;

  constructor(message: string, retryAfterMs: number, details: Record<string, unknown> = {}) {
    super(message, { ...details, retryAfterMs });
    this.retryAfterMs = retryAfterMs;
  }
}

/** No answer, no answer in time, or an error of the host's own (5xx). */
export class ScmUnavailableError extends UnavailableError {
  override readonly code = 'scm-unavailable';
  /** Milliseconds, when the host says how long it is away. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, retryAfterMs?: number, details: Record<string, unknown> = {}) {
    super(message, retryAfterMs === undefined ? details : { ...details, retryAfterMs });
    this.retryAfterMs = retryAfterMs;
  }
}

/** The list changed each time it was read, so that no reading is known to be whole. */
export class ScmListChangedError extends UnavailableError {
  override readonly code = 'scm-list-changed';
}

/** The answer is not what the host's API describes: a login page, a proxy's text, another version. */
export class ScmAnswerError extends FlotillaError {
  readonly code = 'scm-answer';
  override readonly retry: Retry = 'later';
}
