import type { OutboundResponse } from '@flotilla/http';
import type { FlotillaError } from '@flotilla/kernel';
import {
  ScmAnswerError,
  ScmForbiddenError,
  ScmNotFoundError,
  ScmRateLimitedError,
  ScmUnauthorizedError,
  ScmUnavailableError,
} from '../scm.errors.js';

/** GitHub asks for a minute after a secondary limit that names no time; a fair guess for the others. */
const UNNAMED_WAIT_MS = 60_000;
const MIN_WAIT_MS = 1_000;
const MAX_WAIT_MS = 3_600_000;

/**
 * The error an answer stands for, or undefined for one to read. What the host wrote stays out of it: some hosts and
 * proxies send the request back, token and all.
 */
export function refuseAnswer(response: OutboundResponse, what: string, now: number): FlotillaError | undefined {
  const { status, headers } = response;
  const details = { status, what };
  if (isRateLimit(response)) {
    const waitMs = waitOf(headers, now) ?? UNNAMED_WAIT_MS;
    return new ScmRateLimitedError(
      `${what}: the host's rate limit is used up; asked again in ${Math.ceil(waitMs / 1000)} s`,
      waitMs,
      details,
    );
  }
  // Azure DevOps answers 203 with a login page when the token is none of its own.
  if (status === 401 || status === 203) {
    return new ScmUnauthorizedError(
      `${what}: the host refuses the token (${status}); put a valid one in the Secret that is named`,
      details,
    );
  }
  if (status === 403)
    return new ScmForbiddenError(`${what}: the token may not read this (403); give it the right to read repositories`, details);
  // 204 is Bitbucket Server's word for an empty repository's default branch.
  if (status === 404 || status === 410 || status === 204) {
    return new ScmNotFoundError(
      `${what}: not found (${status}), or the token may not see it; compare the name and the token's rights`,
      details,
    );
  }
  if (status >= 500) return new ScmUnavailableError(`${what}: the host has an error of its own (${status})`, waitOf(headers, now), details);
  if (status !== 200) return new ScmAnswerError(`${what}: the host answers ${status}, which its API does not describe`, details);
  return undefined;
}

/** 429 everywhere; GitHub also uses 403 with a spent budget, a Retry-After, or only words about its secondary limit. */
function isRateLimit({ status, headers, body }: OutboundResponse): boolean {
  if (status === 429) return true;
  if (status !== 403) return false;
  if (headers['x-ratelimit-remaining'] === '0' || headers['ratelimit-remaining'] === '0') return true;
  return headers['retry-after'] !== undefined || /secondary rate limit|abuse detection/i.test(body.subarray(0, 2000).toString());
}

function waitOf(headers: Readonly<Record<string, string>>, now: number): number | undefined {
  const after = headers['retry-after'];
  const reset = headers['x-ratelimit-reset'] ?? headers['ratelimit-reset'];
  const waits = [
    after === undefined ? Number.NaN : /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - now,
    reset !== undefined && headers['x-ratelimit-remaining'] !== undefined && Number(headers['x-ratelimit-remaining']) > 0
      ? Number.NaN
      : Number(reset) * 1000 - now,
  ];
  const wait = waits.find((candidate) => Number.isFinite(candidate));
  return wait === undefined ? undefined : Math.min(Math.max(wait, MIN_WAIT_MS), MAX_WAIT_MS);
}
