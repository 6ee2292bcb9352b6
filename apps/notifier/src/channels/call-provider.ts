import { AddressDeniedError, HttpClient, type OutboundRequest, type OutboundResponse, RedirectRefusedError } from '@flotilla/http';
import { FlotillaError, messageOf } from '@flotilla/kernel';
import { ChannelError } from './channel.errors.js';
import type { SendContext } from './channel.js';

/** Providers answer with a few hundred bytes; what is longer is no answer of theirs. */
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_RETRY_AFTER_MS = 3_600_000;
const TIMEOUT_MS = 10_000;
/** What Node calls a chain it does not trust, a name that does not match, or a certificate out of its time. */
const CERTIFICATE = /CERT|SIGNATURE|UNABLE_TO_VERIFY|ERR_TLS|EPROTO/;

/** Failures before the request left; after any other the provider may have taken it. */
const NOT_SENT = /ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|cannot be resolved/;

/** A call as a channel makes it. `to` names service and recipient in messages: `slack to #alerts`. */
export interface ProviderCall extends Omit<OutboundRequest, 'timeoutMs' | 'maxBodyBytes' | 'maxRedirects' | 'stayOnOrigin' | 'signal'> {
  to: string;
  /** PEM certificates trusted for this service instead of the system's. */
  ca?: string;
}

/**
 * Calls a provider once, over the outbound client: it stays on the origin of its address, follows no redirect when it has a body,
 * and hands back answers of any status. Messages name the origin and never the rest of the address, which may be a secret.
 * @throws ChannelError
 */
export async function callProvider({ to, ca, ...request }: ProviderCall, context: SendContext): Promise<OutboundResponse> {
  const http = ca === undefined ? context.http : new HttpClient({ addresses: context.addresses, ca });
  try {
    return await http.request({
      ...request,
      stayOnOrigin: true,
      signal: context.signal,
      timeoutMs: TIMEOUT_MS,
      maxBodyBytes: MAX_ANSWER_BYTES,
    });
  } catch (error) {
    throw unreachable(to, context.service.type, error);
  }
}

function unreachable(to: string, type: string, error: unknown): ChannelError {
  const cause = messageOf(error);
  const fail = (code: string, retry: 'later' | 'never', remedy = '') =>
    new ChannelError(`${to}: ${cause}${remedy}`, { code: `${type}-${code}`, retry });
  if (error instanceof AddressDeniedError) return fail('address-denied', 'never');
  if (error instanceof RedirectRefusedError) return fail('redirect-refused', 'never', '; give the address it redirects to');
  if (CERTIFICATE.test(cause))
    return fail('certificate', 'later', '; give the authority that signed its certificate as `ca` of the service');
  if (error instanceof FlotillaError && error.retry === 'never') return fail(error.code, 'never');
  if (NOT_SENT.test(cause)) return fail('unavailable', 'later');
  return new ChannelError(`${to}: ${cause}`, { code: `${type}-unavailable`, retry: 'later', mayHaveArrived: true });
}

/**
 * Milliseconds of a `Retry-After` header, seconds or a date (RFC 9110, 10.2.3); at most an hour, since the provider is asked again
 * anyway. Undefined when there is none that can be read.
 */
export function readRetryAfter(header: string | undefined, now: Date): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - now.getTime();
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), MAX_RETRY_AFTER_MS);
}

/** How a service and its recipient are called in messages; a recipient may be empty. */
export function nameTarget({ type, name }: { type: string; name: string }, recipient: string): string {
  const service = name === type ? `service ${type}` : `service ${type}.${name}`;
  return recipient === '' ? service : `${service} to ${recipient}`;
}
