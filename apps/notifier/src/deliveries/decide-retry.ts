import { FlotillaError, messageOf } from '@flotilla/kernel';
import { type Backoff, backoffMs } from '@flotilla/reconcile';
import { ChannelError } from '../channels/channel.errors.js';

/** Attempts of one message that its provider answered with an error. */
export const MAX_ATTEMPTS = 8;
/** A message that could not be sent for so long is a dead letter, also when it never had an answer. */
export const MAX_AGE_MS = 24 * 3_600_000;
/** Longest wait that a provider may ask for. */
const MAX_RETRY_AFTER_MS = 3_600_000;
/** Between attempts of one message: 1, 2, 4 … 300 s, the second half of each left to chance. */
export const RETRY_BACKOFF: Backoff = { firstMs: 2_000, maxMs: 300_000 };

export interface RetryDecision {
  code: string;
  message: string;
  /** Undefined: a dead letter. */
  retryInMs: number | undefined;
  /** It is one of the attempts a message has. */
  counts: boolean;
  /** The service as a whole is away. */
  isProviderDown: boolean;
  /** The answer was lost: the next attempt may be a duplicate. */
  mayHaveArrived: boolean;
}

/** Pure: what becomes of a message whose attempt failed. */
export function decideRetry(error: unknown, attempt: { failures: number; attempt: number; ageMs: number }, random: number): RetryDecision {
  const message = messageOf(error);
  const code = error instanceof FlotillaError ? error.code : 'unexpected';
  const failure = error instanceof ChannelError ? error.failure : undefined;
  const isFinal = failure ? failure.retry === 'never' : error instanceof FlotillaError && error.retry === 'never';
  if (isFinal) return { code, message, retryInMs: undefined, counts: true, isProviderDown: false, mayHaveArrived: false };
  const isProviderDown = failure !== undefined && (failure.isProviderDown ?? true);
  const counts = !isProviderDown && failure?.retryAfterMs === undefined;
  const isSpent = (counts && attempt.failures + 1 >= MAX_ATTEMPTS) || attempt.ageMs >= MAX_AGE_MS;
  const waitMs = Math.max(backoffMs(RETRY_BACKOFF, attempt.attempt, random), Math.min(failure?.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS));
  return {
    code,
    message,
    retryInMs: isSpent ? undefined : waitMs,
    counts,
    isProviderDown,
    mayHaveArrived: failure?.mayHaveArrived ?? false,
  };
}
