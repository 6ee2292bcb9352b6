import type { VerbError } from '@flotilla/contracts';
import {
  ConflictError,
  codeOf,
  FlotillaError,
  ForbiddenError,
  InvalidInputError,
  isObject,
  messageOf,
  NotFoundError,
  type Retry,
  UnavailableError,
} from '@flotilla/kernel';
import { AlreadyExistsError, GoneError } from '@flotilla/resources';

/** Marks a reply that stands for a thrown error; its value is the code. */
export const ERROR_HEADER = 'Flotilla-Error';
/** On a request: say now and then that it is in work. On a reply: this is such a word, not the answer. */
export const ATTENDED_HEADER = 'Flotilla-Attended';
export const TRACEPARENT_HEADER = 'traceparent';

/** An error another service raised with a code this library has no class for. */
export class RemoteError extends FlotillaError {
  readonly code: string;
  override readonly retry: Retry;

  constructor(error: VerbError) {
    super(error.message, error.place);
    this.code = error.code;
    this.retry = error.retry ?? 'never';
  }
}

const CLASSES: Record<string, new (message: string, details?: Record<string, unknown>) => FlotillaError> = {
  invalid: InvalidInputError,
  'not-found': NotFoundError,
  conflict: ConflictError,
  'already-exists': AlreadyExistsError,
  forbidden: ForbiddenError,
  unavailable: UnavailableError,
  gone: GoneError,
};

/** What of an error goes over the wire: of a product error what it says and where, any other only as `internal` (its text may hold anything). */
export function toVerbError(error: unknown): VerbError {
  if (error instanceof FlotillaError) {
    const place = placeOf(error.details);
    return { code: error.code, message: error.message, retry: error.retry, ...(place ? { place } : {}) };
  }
  return { code: codeOf(error), message: 'an internal error; the log of the service that answered has it' };
}

export function fromVerbError(error: VerbError): FlotillaError {
  const Class = Object.hasOwn(CLASSES, error.code) ? CLASSES[error.code] : undefined;
  return Class ? new Class(error.message, error.place) : new RemoteError(error);
}

function placeOf(details: FlotillaError['details']): VerbError['place'] {
  const texts = (['generator', 'field', 'file'] as const).filter((key) => typeof details[key] === 'string');
  const place = Object.fromEntries(texts.map((key) => [key, details[key]])) as NonNullable<VerbError['place']>;
  if (typeof details.line === 'number') place.line = details.line;
  return Object.keys(place).length > 0 ? place : undefined;
}

/** @throws InvalidInputError for bytes that are not JSON */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new InvalidInputError(`the payload is not JSON: ${messageOf(error)}`);
  }
}

/** The content of a CloudEvent in structured JSON form. */
export function contentOfEvent(event: unknown): unknown {
  if (!isObject(event) || event.specversion !== '1.0') throw new InvalidInputError('the event is not a CloudEvent 1.0');
  return event.data;
}
