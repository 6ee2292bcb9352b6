import { AddressDeniedError, type HttpClient, type OutboundRequest, RedirectRefusedError, ResponseTooLargeError } from '@flotilla/http';
import { codeOf, InvalidInputError } from '@flotilla/kernel';
import { SecretFault } from '../secret-fault.errors.js';
import { parseBoundedJson } from './bounded-json.js';
import { MAX_DOCUMENT_BYTES } from './secret.provider.js';

const DEFAULT_TIMEOUT_MS = 10_000;
const MAX_RETRY_AFTER_MS = 10 * 60_000;

export interface ProviderAnswer {
  status: number;
  body: Uint8Array;
  /** The body as JSON, within limits; undefined when it is none. */
  json: unknown;
}

/**
 * One call to a provider. Answers below 500 come back but for 401, 403 and 429, which mean the same everywhere.
 *
 * @param what for messages: store and key
 * @throws SecretFault; none of its texts is the provider's
 */
export async function askProvider(http: HttpClient, what: string, request: OutboundRequest): Promise<ProviderAnswer> {
  const { status, headers, body } = await send(http, what, request);
  if (status === 401 || status === 403) throw new SecretFault('ProviderRefused', `${what}: the provider refuses access (${status})`);
  if (status === 429) {
    throw new SecretFault('ProviderThrottled', `${what}: the provider asks to slow down (429)`, {
      retryAfterMs: retryAfter(headers['retry-after']),
    });
  }
  if (status >= 500) {
    const why = status === 503 ? 'is sealed or not available' : 'failed';
    throw new SecretFault('ProviderFailed', `${what}: the provider ${why} (${status})`);
  }
  return { status, body, json: parseBoundedJson(body)?.value };
}

async function send(http: HttpClient, what: string, request: OutboundRequest) {
  try {
    return await http.request({ timeoutMs: DEFAULT_TIMEOUT_MS, maxBodyBytes: MAX_DOCUMENT_BYTES, stayOnOrigin: true, ...request });
  } catch (error) {
    if (error instanceof AddressDeniedError || error instanceof RedirectRefusedError)
      throw new SecretFault('ProviderRefused', `${what}: ${error.message}`);
    if (error instanceof ResponseTooLargeError) throw new SecretFault('ProviderAnswerInvalid', `${what}: ${error.message}`);
    if (error instanceof InvalidInputError) throw new SecretFault('StoreInvalid', `${what}: ${error.message}`);
    throw new SecretFault('ProviderUnreachable', `${what}: no answer from the provider (${codeOf(error)})`);
  }
}

function retryAfter(text: string | undefined): number | undefined {
  const seconds = text === undefined ? Number.NaN : Number(text);
  return Number.isFinite(seconds) && seconds >= 0 ? Math.min(seconds * 1000, MAX_RETRY_AFTER_MS) : undefined;
}
