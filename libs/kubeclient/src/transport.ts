import { readFileSync } from 'node:fs';
import type { Agent as HttpAgent, IncomingMessage, RequestOptions as NodeRequest } from 'node:http';
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

/** Imported, `node:http` would load undici and http2 for its `WebSocket` export: 5 MiB that the agent does not have. */
const http = process.getBuiltinModule('node:http');

/** An answer larger than this is refused: a list of that size must be paged. */
export const MAX_RESPONSE_BYTES = 256 * 1024 * 1024;
const MAX_SOCKETS = 32;
const MAX_STREAMS = 1_000;
const DEFAULT_TIMEOUT_MS = 30_000;
/** A connection nobody used for this long is closed: each holds buffers of some ten KiB. */
const IDLE_SOCKET_MS = 5_000;

/** One server, one pool: the name Node makes for it holds certificates and keys, and is built anew for each request. */
class OneServerAgent extends HttpsAgent {
  override getName(): string {
    return 'api';
  }
}

/** Keep-alive HTTP to one API server; plain `http:` only to loopback. */
export class Transport {
  readonly #config: KubeConfig;
  readonly #target: NodeRequest;
  readonly #prefix: string;
  readonly #agent: HttpAgent | HttpsAgent;
  /** Watches hold their connection for as long as they last, so they must not use up those of requests. */
  readonly #streams: HttpAgent | HttpsAgent;

  constructor(config: KubeConfig) {
    this.#config = config;
    const base = new URL(config.server);
    const secure = base.protocol === 'https:';
    const hostname = base.hostname.replace(/^\[|\]$/g, '');
    if (!secure && !['127.0.0.1', 'localhost', '::1'].includes(hostname)) {
      throw new InvalidInputError(`${config.server}: plain http is allowed to loopback only`);
    }
    this.#target = { protocol: base.protocol, hostname, port: base.port || (secure ? 443 : 80) };
    this.#prefix = base.pathname.replace(/\/$/, '');
    const tls = { ca: config.ca, cert: config.clientCertificate, key: config.clientKey };
    const open = (options: { keepAlive: boolean; maxSockets: number; timeout?: number }): HttpAgent | HttpsAgent =>
      secure ? new OneServerAgent({ ...options, scheduling: 'lifo', ...tls }) : new http.Agent({ ...options, scheduling: 'lifo' });
    this.#agent = open({ keepAlive: true, maxSockets: MAX_SOCKETS, timeout: IDLE_SOCKET_MS });
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
    const body = options.body === undefined ? undefined : Buffer.from(JSON.stringify(options.body));
    const headers: Record<string, string | number> = { accept: options.accept ?? 'application/json', ...options.headers };
    if (body) {
      headers['content-type'] = options.contentType ?? 'application/json';
      headers['content-length'] = body.length;
    }
    const token = this.#config.tokenFile ? readFileSync(this.#config.tokenFile, 'utf8').trim() : this.#config.token;
    if (token) headers.authorization = `Bearer ${token}`;
    const send = this.#target.protocol === 'https:' ? httpsRequest : http.request;
    const { signal, timeoutMs } = options;
    const agent = options.isStream ? this.#streams : this.#agent;
    return new Promise((resolve, reject) => {
      const failed = (error: Error): void =>
        reject(signal?.aborted ? signal.reason : new KubeUnreachableError(`${method} ${path}: ${messageOf(error)}`, {}, error));
      const request = send(
        { ...this.#target, path: this.#prefix + withQuery(path, options.query), method, headers, agent, signal },
        resolve,
      );
      if (timeoutMs !== undefined) {
        const timer = setTimeout(() => request.destroy(new Error('no answer in time')), timeoutMs);
        request.on('close', () => clearTimeout(timer));
      }
      request.on('error', failed);
      request.end(body);
    });
  }
}

function withQuery(path: string, query: RequestOptions['query']): string {
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]) =>
    value === undefined ? [] : [`${encodeURIComponent(name)}=${encodeURIComponent(value)}`],
  );
  return pairs.length === 0 ? path : `${path}${path.includes('?') ? '&' : '?'}${pairs.join('&')}`;
}

/** Reads a whole body, up to MAX_RESPONSE_BYTES. */
function readAll(response: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const broken = (cause: string, error?: Error): void => reject(new KubeUnreachableError(`the answer broke off: ${cause}`, {}, error));
    response.on('data', (chunk: Buffer) => {
      size += chunk.length;
      chunks.push(chunk);
      if (size <= MAX_RESPONSE_BYTES) return;
      reject(new KubeUnreachableError(`the answer is larger than ${MAX_RESPONSE_BYTES} bytes`));
      response.destroy();
    });
    response.on('end', () => resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
    response.on('error', (error) => broken(messageOf(error), error));
    response.on('close', () => {
      if (!response.complete) broken('the connection was closed');
    });
  });
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
