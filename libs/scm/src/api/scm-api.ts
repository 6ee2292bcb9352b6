import { type HttpClient, HttpUnavailableError, type OutboundResponse, RedirectRefusedError, ResponseTooLargeError } from '@flotilla/http';
import { type Clock, FlotillaError, messageOf } from '@flotilla/kernel';
import type { z } from 'zod';
import type { ScmLimits } from '../limits.js';
import {
  ScmAnswerError,
  ScmLimitError,
  ScmNotFoundError,
  ScmOriginError,
  ScmRateLimitedError,
  ScmUnavailableError,
} from '../scm.errors.js';
import type { HostState } from './host-state.js';
import { refuseAnswer } from './refuse-answer.js';
import type { ResponseCache } from './response-cache.js';

export interface ScmApiOptions {
  http: HttpClient;
  /** Base address of the API, with a slash at its end. */
  base: URL;
  authorization: string | undefined;
  state: HostState;
  cache: ResponseCache;
  limits: ScmLimits;
  clock: Clock;
  signal?: AbortSignal;
}

/** A page or document of the host: its address, headers and JSON. */
export interface ApiAnswer {
  url: URL;
  headers: Readonly<Record<string, string>>;
  body: unknown;
  /** The host said that what was known still holds. */
  fromCache: boolean;
}

/**
 * The calls of one listing to one API: only GET, only to the origin its token is for, each bounded and all together too.
 * Every refusal is a typed error, whose message names the call but neither the token nor what the host wrote.
 */
export class ScmApi {
  readonly #options: ScmApiOptions;
  readonly #signal: AbortSignal;
  #bytes = 0;

  constructor(options: ScmApiOptions) {
    this.#options = options;
    const deadline = AbortSignal.timeout(options.limits.listingTimeoutMs);
    this.#signal = options.signal ? AbortSignal.any([deadline, options.signal]) : deadline;
  }

  get limits(): ScmLimits {
    return this.#options.limits;
  }

  /** @param path below the base address, or an absolute address of the same origin */
  async get<T>(path: string, schema: z.ZodType<T>, accept?: string): Promise<T> {
    const url = this.resolve(path);
    return readShape(schema, (await this.fetch(url, { accept })).body, url);
  }

  /** Like `get`, with undefined for what the host does not have. */
  async find<T>(path: string, schema: z.ZodType<T>, accept?: string): Promise<T | undefined> {
    try {
      return await this.get(path, schema, accept);
    } catch (error) {
      if (error instanceof ScmNotFoundError) return undefined;
      throw error;
    }
  }

  /** @throws ScmOriginError for an address elsewhere, as paging links of a hostile or misconfigured host are */
  resolve(address: string, from: URL = this.#options.base): URL {
    const url = URL.parse(address, from.href);
    if (!url) throw new ScmAnswerError(`${from.origin} names a page whose address cannot be read`);
    if (url.origin !== this.#options.base.origin || url.username || url.password) {
      throw new ScmOriginError(`${from.origin} leads to ${url.origin}; its token is for ${this.#options.base.origin} alone`, {
        origin: this.#options.base.origin,
        other: url.origin,
      });
    }
    return url;
  }

  async fetch(url: URL, { accept = 'application/json', fresh = false }: { accept?: string; fresh?: boolean } = {}): Promise<ApiAnswer> {
    const { state, cache } = this.#options;
    const key = `${state.key} ${accept} ${url.href}`;
    const cached = fresh ? undefined : cache.get(key);
    const response = await state.gate.run(() => this.#send(url, accept, cached?.etag));
    this.#count(url, response.body.length);
    if (cached && response.status === 304) {
      return { url, headers: { ...cached.headers, ...response.headers }, body: readJson(cached.body, url), fromCache: true };
    }
    const refusal = refuseAnswer(response, nameOf(url), this.#options.clock.now());
    if (refusal instanceof ScmRateLimitedError) state.blockedUntil = this.#options.clock.now() + refusal.retryAfterMs;
    if (refusal) throw refusal;
    const body = readJson(response.body, url);
    const etag = response.headers.etag;
    if (etag) cache.set(key, { etag, headers: response.headers, body: response.body });
    else cache.delete(key);
    return { url, headers: response.headers, body, fromCache: false };
  }

  async #send(url: URL, accept: string, etag: string | undefined): Promise<OutboundResponse> {
    const { http, base, authorization, limits, clock, state } = this.#options;
    const blockedMs = state.blockedUntil - clock.now();
    if (blockedMs > 0) throw new ScmRateLimitedError(`${base.origin} asked to wait; no call leaves before`, blockedMs);
    try {
      this.#signal.throwIfAborted();
      return await http.request({
        url: url.href,
        headers: { accept, ...(etag === undefined ? {} : { 'if-none-match': etag }) },
        credential: authorization === undefined ? undefined : { origin: base.origin, authorization },
        stayOnOrigin: true,
        signal: this.#signal,
        timeoutMs: limits.timeoutMs,
        maxBodyBytes: limits.answerBytes,
      });
    } catch (error) {
      throw translate(error, url);
    }
  }

  #count(url: URL, bytes: number): void {
    this.#bytes += bytes;
    const { listingBytes } = this.#options.limits;
    if (this.#bytes > listingBytes) {
      throw new ScmLimitError(`${nameOf(url)}: this listing reads more than ${listingBytes} bytes; narrow what it lists`);
    }
  }
}

/** A call's name in messages: without the query, whose paging tokens are the host's. */
export function nameOf(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

export function readShape<T>(schema: z.ZodType<T>, body: unknown, url: URL): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue && issue.path.length > 0 ? issue.path.join('.') : 'the answer';
  throw new ScmAnswerError(`${nameOf(url)}: ${where} is not what the host's API describes (${issue?.code})`, { field: where });
}

function readJson(body: Buffer, url: URL): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw new ScmAnswerError(`${nameOf(url)}: the answer is not JSON; compare the api address with the host's documentation`);
  }
}

function translate(error: unknown, url: URL): unknown {
  if (error instanceof RedirectRefusedError) return new ScmOriginError(messageOf(error), error.details);
  if (error instanceof ResponseTooLargeError) return new ScmLimitError(`${nameOf(url)}: ${messageOf(error)}`);
  if (error instanceof HttpUnavailableError)
    return new ScmUnavailableError(`${nameOf(url)}: ${messageOf(error)}`, undefined, error.details);
  if (error instanceof FlotillaError) return error;
  return new ScmUnavailableError(`${nameOf(url)}: the listing was given up: ${messageOf(error)}`);
}
