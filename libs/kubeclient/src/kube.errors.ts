import { FlotillaError, type Retry } from '@flotilla/kernel';

/** A Status answer of the API server. `retry` follows what a client may do about the code. */
export class KubeError extends FlotillaError {
  readonly code = 'kube';
  override readonly retry: Retry;
  readonly status: number;
  readonly reason: string;
  /** Seconds the server asks to wait, of Retry-After. */
  readonly retryAfterSeconds: number | undefined;

  constructor(status: number, reason: string, message: string, details: Record<string, unknown> = {}, retryAfterSeconds?: number) {
    super(message, { ...details, status, reason });
    this.status = status;
    this.reason = reason;
    this.retry = status === 409 ? 'reread' : status === 429 || status >= 500 || status === 0 ? 'later' : 'never';
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** No answer: refused, reset, timed out or cut off. The request may or may not have taken effect. */
export class KubeUnreachableError extends FlotillaError {
  readonly code = 'kube-unreachable';
  override readonly retry: Retry = 'later';
}
