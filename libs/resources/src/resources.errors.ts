import { ConflictError, FlotillaError } from '@flotilla/kernel';

/** The log no longer reaches back to the asked resourceVersion or time: list again and watch from there (HTTP 410). */
export class GoneError extends FlotillaError {
  readonly code = 'gone';
}

/** A document of that kind, namespace and name exists. */
export class AlreadyExistsError extends ConflictError {
  override readonly code = 'already-exists';
  override readonly retry = 'never';
}
