import { codeOf, FlotillaError } from '@flotilla/kernel';

/** HTTP status of each error code; anything else is ours to mend. */
const STATUS: Readonly<Record<string, number>> = {
  invalid: 400,
  'invalid-input': 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  conflict: 409,
  'already-exists': 409,
  gone: 410,
  'too-many-requests': 429,
  unavailable: 503,
};

export interface ErrorAnswer {
  status: number;
  body: { code: string; message: string; details?: Readonly<Record<string, unknown>> };
}

/** What a client sees of an error. An unforeseen one says nothing of itself: its text may hold anything. */
export function errorAnswer(error: unknown): ErrorAnswer {
  if (!(error instanceof FlotillaError))
    return { status: 500, body: { code: 'internal', message: 'an unforeseen error; the log of the hub has it' } };
  const code = codeOf(error);
  const details = Object.keys(error.details).length > 0 ? error.details : undefined;
  return { status: STATUS[code] ?? (error.retry === 'later' ? 503 : 422), body: { code, message: error.message, details } };
}
