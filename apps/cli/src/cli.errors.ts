import { FlotillaError } from '@flotilla/kernel';

/** Exit codes people and scripts rely on. */
export const EXIT = { ok: 0, failed: 1, usage: 2, differs: 1, diffFailed: 2, changes: 2, unauthenticated: 3, timeout: 4 } as const;

/** The hub refused or could not answer; `code` is the hub's own. */
export class HubError extends FlotillaError {
  readonly code: string;
  readonly status: number;

  constructor(status: number, code: string, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message, details);
    this.status = status;
    this.code = code;
  }
}

/** Nobody is logged in, or the session ended. */
export class NotLoggedInError extends FlotillaError {
  readonly code = 'unauthenticated';
}

/** What was waited for did not come in time. */
export class WaitTimeoutError extends FlotillaError {
  readonly code = 'timeout';
}

export function exitCodeOf(error: unknown): number {
  if (error instanceof NotLoggedInError || (error instanceof HubError && error.status === 401)) return EXIT.unauthenticated;
  return error instanceof WaitTimeoutError ? EXIT.timeout : EXIT.failed;
}
