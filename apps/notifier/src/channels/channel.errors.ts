import { FlotillaError, type Retry } from '@flotilla/kernel';

export interface ChannelFailure {
  /** Stable, lower case with dashes: `slack-channel-not-found`, `smtp-refused`. */
  code: string;
  /** `later` counts an attempt and tries again; `never` makes a dead letter at once. */
  retry: 'later' | 'never';
  /** What the provider asked to wait (429, `Retry-After`); longer than the backoff it wins. */
  retryAfterMs?: number;
  /** The provider itself is away or overloaded, which counts against the service's breaker; default: `retry` is `later`. */
  isProviderDown?: boolean;
  /** The message was handed over and its fate is not known (no answer in time, a connection lost after sending): the next attempt is marked. */
  mayHaveArrived?: boolean;
}

/** A message was not accepted. The text names the channel, the cause and the remedy, and never holds a secret. */
export class ChannelError extends FlotillaError {
  readonly code: string;
  override readonly retry: Retry;
  readonly failure: ChannelFailure;

  constructor(message: string, failure: ChannelFailure, cause?: unknown) {
    super(message, {}, cause);
    this.code = failure.code;
    this.retry = failure.retry;
    this.failure = failure;
  }
}
