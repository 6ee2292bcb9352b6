import { FlotillaError, type Retry } from '@flotilla/kernel';

/** A document, a blob or an envelope is not what the pinned key of the hub signed for this spoke. It is dropped. */
export class UntrustedContentError extends FlotillaError {
  readonly code = 'untrusted';
}

/** The hub's answer cannot be used now: it refuses, contradicts itself, or has nothing. */
export class HubRefusalError extends FlotillaError {
  readonly code: string;
  override readonly retry: Retry = 'later';

  constructor(code: string, message: string) {
    super(message, { code });
    this.code = code;
  }
}
