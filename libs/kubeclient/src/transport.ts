import { readFileSync } from 'node:fs';
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { InvalidInputError, messageOf } from '@flotilla/kernel';
import { KubeError, KubeUnreachableError } from './kube.errors.js';
import type { KubeConfig } from './kube-config.js';

export interface RequestOptions {
  query?: Record<string, string | undefined>;
  body?: unknown;
  /** Default `application/json`. */
  contentType?: string;
  accept?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
  /** Until the whole answer is read; default 30 s. */
  timeoutMs?: number;
  /** The answer goes on until somebody ends it: a watch. */
  isStream?: boolean;
}

/** An answer larger than this is refused: a list of that size must be paged. */
export const MAX_RESPONSE_BYTES = 256 * 1024 * 1024;
const MAX_SOCKETS = 32;
const MAX_STREAMS = 1_000;
const DEFAULT_TIMEOUT_MS = 30_000;

/** Keep-alive HTTP to one API server; plain `http:` only to loopback. */
export class Transport {
  readonly #config: KubeConfig;
  readonly #base: URL;
  readonly #agent: HttpAgent | HttpsAgent;
  /** Watches hold their connection for as long as they last, so they must not use up those of requests. */
  readonly #streams: HttpAgent | HttpsAgent;

  constructor(config: KubeConfig) {
    this.#config = config;
    this.#base = new URL(config.server);
    const secure = this.#base.protocol === 'https:';
    if (!secure && !['127.0.0.1', 'localhost', '[::1]'].includes(this.#base.hostname)) {
      throw new InvalidInputError(`${config.server}: plain http is allowed to loopback only`);
    }
    const tls = { ca: config.ca, cert: config.clientCertificate, key: config.clientKey };
    const open = (options: { keepAlive: boolean; maxSockets: number }): HttpAgent | HttpsAgent =>
      secure ? new HttpsAgent({ ...options, scheduling: 'lifo', ...tls }) : new HttpAgent({ ...options, scheduling: 'lifo' });
    this.#agent = open({ keepAlive: true, maxSockets: MAX_SOCKETS });
    this.#streams = open({ keepAlive: false, maxSockets: MAX_STREAMS });
  }

  /** Sends and resolves with the open answer; error statuses come back as KubeError after reading the Status body. */
  async open(method: string, path: string, options: RequestOptions): Promise<IncomingMessage> {
    const response = await this.#send(method, path, options);
    const status = response.statusCode ?? 0;
    if (status < 400) return response;
    const text = (await readAll(response)).toString('utf8');
    throw asKubeError(status, text, response.headers['retry-after']);
  }

  async json<T>(method: string, path: string, options: RequestOptions): Promise<T> {
    const response = await this.open(method, path, { timeoutMs: DEFAULT_TIMEOUT_MS, ...options });
    const body = await readAll(response);
    try {
      return JSON.parse(body.toString('utf8')) as T;
    } catch (error) {
      throw new KubeUnreachableError(`${method} ${path}: the answer is not JSON`, {}, error);
    }
  }

  close(): void {
    this.#agent.destroy();
    this.#streams.destroy();
  }

  #send(method: string, path: string, options: RequestOptions): Promise<IncomingMessage> {
    const url = new URL(this.#base.pathname.replace(/\/$/, '') + path, this.#base);
    for (const [key, value] of Object.entries(options.query ?? {})) if (value !== undefined) url.searchParams.set(key, value);
    const body = options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body));
    const headers: Record<string, string | number> = { accept: options.accept ?? 'application/json', ...options.headers };
    if (body) {
      headers['content-type'] = options.contentType ?? 'application/json';
      headers['content-length'] = body.length;
    }
    const token = this.#config.tokenFile ? readFileSync(this.#config.tokenFile, 'utf8').trim() : this.#config.token;
    if (token) headers.authorization = `Bearer ${token}`;
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const timeout = options.timeoutMs === undefined ? undefined : AbortSignal.timeout(options.timeoutMs);
    const signals = [options.signal, timeout].filter((signal) => signal !== undefined);
    const signal = signals.length > 0 ? AbortSignal.any(signals) : undefined;
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void =>
        reject(
          options.signal?.aborted
            ? options.signal.reason
            : new KubeUnreachableError(`${method} ${path}: ${causeOf(error, timeout)}`, {}, error),
        );
      const agent = options.isStream ? this.#streams : this.#agent;
      const request = send(url, { method, headers, agent, signal }, resolve);
      request.on('error', failed);
      request.end(body);
    });
  }
}

function causeOf(error: Error, timeout: AbortSignal | undefined): string {
  return timeout?.aborted ? 'no answer in time' : messageOf(error);
}

/** Reads a whole body, up to MAX_RESPONSE_BYTES. */
export async function readAll(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > MAX_RESPONSE_BYTES) throw new KubeUnreachableError(`the answer is larger than ${MAX_RESPONSE_BYTES} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    throw error instanceof KubeUnreachableError ? error : new KubeUnreachableError(`the answer broke off: ${messageOf(error)}`, {}, error);
  }
  return Buffer.concat(chunks);
}

function asKubeError(status: number, text: string, retryAfter: string | undefined): KubeError {
  const seconds = retryAfter === undefined ? undefined : Number(retryAfter);
  try {
    const { reason, message, details } = JSON.parse(text) as { reason?: string; message?: string; details?: Record<string, unknown> };
    return new KubeError(status, reason ?? 'Unknown', message ?? text, details ?? {}, seconds);
  } catch {
    return new KubeError(status, 'Unknown', text.slice(0, 500) || `HTTP ${status}`, {}, seconds);
  }
}
