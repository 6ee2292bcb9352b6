import { Agent as HttpAgent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { InvalidInputError, messageOf } from '@flotilla/kernel';
import type { Address, AddressPolicy } from './address-policy.js';
import { HttpUnavailableError, RedirectRefusedError, ResponseTooLargeError } from './http.errors.js';

/** Sent as `Authorization` to exactly this origin (scheme, host and port), never elsewhere, also not after a redirect. */
export interface OriginCredential {
  origin: string;
  authorization: string;
}

export interface OutboundRequest {
  url: string;
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  credential?: OriginCredential;
  signal?: AbortSignal;
  /** Default 10 s for the whole call, redirects included. */
  timeoutMs?: number;
  /** Default 4 MiB. */
  maxBodyBytes?: number;
  /** Default 3; a request with a body follows none. */
  maxRedirects?: number;
  /** A redirect to another origin is refused instead of followed without the credential. */
  stayOnOrigin?: boolean;
}

export interface OutboundResponse {
  /** The address after redirects. */
  url: string;
  status: number;
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

export interface HttpClientOptions {
  addresses: AddressPolicy;
  /** PEM certificates trusted instead of the system's. */
  ca?: string;
  userAgent?: string;
  /**
   * Connections to one origin that are kept for the next call, for a second; default 0. A kept one leads to an address that was judged
   * when it was opened, and the name is judged again before each call.
   */
  maxKeptConnections?: number;
}

/** Shorter than the 2 to 75 s after which servers close theirs: a call must not meet a connection that is closing. */
const IDLE_MS = 1_000;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
/** Headers that may carry a secret: dropped when a redirect leaves the origin. */
const SENSITIVE = /^(authorization|cookie|proxy-authorization|private-token|x-.*(token|key|secret).*)$/i;

/**
 * The one way out over HTTP: bounded in time and size, only to permitted addresses (judged on the resolved address
 * that is then connected to, again after each redirect), credentials bound to their origin.
 */
export class HttpClient {
  readonly #options: HttpClientOptions;
  readonly #kept: { 'http:': HttpAgent; 'https:': HttpsAgent } | undefined;

  constructor(options: HttpClientOptions) {
    this.#options = options;
    const { maxKeptConnections = 0 } = options;
    if (maxKeptConnections === 0) return;
    const keep = { keepAlive: true, timeout: IDLE_MS, maxFreeSockets: maxKeptConnections };
    this.#kept = { 'http:': new HttpAgent(keep), 'https:': new HttpsAgent(keep) };
  }

  /** Answers of any status are returned. @throws AddressDeniedError, RedirectRefusedError, ResponseTooLargeError, HttpUnavailableError */
  async request(request: OutboundRequest): Promise<OutboundResponse> {
    const timeout = AbortSignal.timeout(request.timeoutMs ?? 10_000);
    const signal = request.signal ? AbortSignal.any([timeout, request.signal]) : timeout;
    let url = readUrl(request.url);
    let headers = { ...request.headers };
    for (let redirects = request.body === undefined ? (request.maxRedirects ?? 3) : 0; ; redirects--) {
      const addresses = await this.#resolve(url);
      const response = await this.#send(url, { ...request, headers }, addresses, signal);
      const location = response.headers.location;
      if (!REDIRECTS.has(response.status) || location === undefined) return response;
      if (redirects <= 0) throw new RedirectRefusedError(`${url.origin} redirects once more than is followed`, { origin: url.origin });
      const next = readUrl(new URL(location, url).href);
      if (url.protocol === 'https:' && next.protocol !== 'https:') {
        throw new RedirectRefusedError(`${url.origin} redirects from https to http`, { origin: url.origin });
      }
      if (next.origin !== url.origin && request.stayOnOrigin) {
        throw new RedirectRefusedError(`${url.origin} redirects to ${next.origin}, which this call may not leave for`, {
          origin: url.origin,
        });
      }
      if (next.origin !== url.origin) headers = Object.fromEntries(Object.entries(headers).filter(([name]) => !SENSITIVE.test(name)));
      url = next;
    }
  }

  async #resolve(url: URL): Promise<Address[]> {
    try {
      return await this.#options.addresses.resolve(url.hostname);
    } catch (error) {
      if (error instanceof Error && 'syscall' in error) {
        throw new HttpUnavailableError(`${url.hostname} cannot be resolved: ${messageOf(error)}`, { origin: url.origin });
      }
      throw error;
    }
  }

  #send(url: URL, request: OutboundRequest, addresses: readonly Address[], signal: AbortSignal): Promise<OutboundResponse> {
    const headers: OutgoingHttpHeaders = { 'user-agent': this.#options.userAgent ?? 'flotilla', ...request.headers };
    if (request.credential && request.credential.origin === url.origin) headers.authorization = request.credential.authorization;
    return new Promise((resolve, reject) => {
      const fail = (error: unknown) => reject(unavailable(url, error));
      const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
      const agent = this.#kept?.[url.protocol === 'https:' ? 'https:' : 'http:'] ?? false;
      const options = { method: request.method ?? 'GET', headers, signal, lookup: pinned(addresses), ca: this.#options.ca, agent };
      const outgoing = send(url, options, (incoming) => {
        read(url, incoming, request.maxBodyBytes ?? 4 * 1024 * 1024).then(resolve, (error) => {
          outgoing.destroy();
          error instanceof ResponseTooLargeError ? reject(error) : fail(error);
        });
      });
      outgoing.on('error', fail);
      outgoing.end(request.body);
    });
  }
}

/** Connects to the judged addresses and to nothing a second look-up might answer. */
function pinned(addresses: readonly Address[]): LookupFunction {
  return (_hostname, options, callback) => {
    if (options.all) callback(null, [...addresses]);
    else callback(null, addresses[0]!.address, addresses[0]!.family);
  };
}

async function read(url: URL, incoming: IncomingMessage, maxBodyBytes: number): Promise<OutboundResponse> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new ResponseTooLargeError(`the answer of ${url.origin} is larger than ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]);
  return { url: url.href, status: incoming.statusCode ?? 0, headers: Object.fromEntries(headers), body: Buffer.concat(chunks) };
}

function readUrl(text: string): URL {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new InvalidInputError('only http and https addresses are called');
  if (url.username || url.password) throw new InvalidInputError(`the address of ${url.host} holds a password; give it as a credential`);
  return url;
}

function unavailable(url: URL, error: unknown): HttpUnavailableError {
  const cause = error instanceof Error && 'code' in error ? `${String(error.code)}` : messageOf(error);
  return new HttpUnavailableError(`no answer from ${url.origin}: ${cause}`, { origin: url.origin });
}
