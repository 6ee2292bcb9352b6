import type { IncomingMessage, ServerResponse } from 'node:http';
import { InvalidInputError, isObject } from '@flotilla/kernel';
import type { RequestUser } from '@flotilla/kubeapi';
import { currentTraceparent, inSpan, type Logger } from '@flotilla/telemetry';
import { MAX_SEALED_BYTES, type SealingService } from '../kube/sealing-service.js';
import { errorAnswer } from '../rest/error-answer.js';
import type { RestDispatcher } from '../rest/rest-dispatcher.js';

/** A request with the user that the guard found; undefined on public paths. */
export type EdgeRequest = IncomingMessage & { user?: RequestUser };

export interface EdgeParts {
  rest: RestDispatcher;
  /** The OpenAPI document of the REST verbs. */
  openApi: unknown;
  kube(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** What kubeseal asks for below the Kubernetes API. */
  sealing: SealingService;
  webhook(headers: IncomingMessage['headers'], body: Buffer): Promise<unknown>;
  metrics(): Promise<string>;
  isReady(): Promise<{ ready: boolean; detail: Record<string, unknown> }>;
  logger: Logger;
}

const MAX_REST_BYTES = 3 * 1024 * 1024;
/** Before a webhook's signature is checked nothing larger is read. */
const MAX_WEBHOOK_BYTES = 1024 * 1024;

/** Hands a request to the Kubernetes API, the REST verbs, the webhook or the probes. */
export class EdgeRouter {
  readonly #parts: EdgeParts;

  constructor(parts: EdgeParts) {
    this.#parts = parts;
  }

  async route(request: EdgeRequest, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'https://hub');
    try {
      await this.#answer(request, response, url);
    } catch (error) {
      const { status, body } = errorAnswer(error);
      if (status >= 500) this.#parts.logger.error('request failed', { method: request.method, path: url.pathname, error });
      send(response, status, body);
    }
  }

  async #answer(request: EdgeRequest, response: ServerResponse, url: URL): Promise<void> {
    const { rest, openApi, kube, sealing, webhook, metrics, isReady } = this.#parts;
    const path = url.pathname;
    const method = request.method ?? 'GET';
    if (path === '/v1/openapi.json') return send(response, 200, openApi);
    if (path.startsWith('/v1/')) {
      const options = {
        kind: 'server' as const,
        traceparent: header(request, 'traceparent'),
        attributes: { 'http.request.method': method, 'url.path': path },
      };
      const answer = await inSpan('rest', options, async () => rest.dispatch(method, path, await readCall(request, url)));
      return send(response, 200, answer);
    }
    if (path === '/api/webhook') {
      // The trace of a commit begins here: fetch, expansion, render, rollout and apply carry it on.
      const body = await readBody(request, MAX_WEBHOOK_BYTES);
      const options = { kind: 'server' as const, traceparent: header(request, 'traceparent') };
      return send(response, 200, await inSpan('webhook', options, () => webhook(request.headers, body)));
    }
    if (path === '/metrics') return sendText(response, 200, await metrics());
    if (path === '/healthz' || path === '/livez') return sendText(response, 200, 'ok');
    if (path === '/readyz') {
      const { ready, detail } = await isReady();
      return send(response, ready ? 200 : 503, detail);
    }
    const decoded = decodePath(path);
    if (sealing.serves(decoded)) {
      const { status, headers, body = '' } = await sealing.answer(method, decoded, () => readBody(request, MAX_SEALED_BYTES));
      return sendText(response, status, body, String(headers['content-type']));
    }
    return kube(request, response);
  }
}

/** As it is where it cannot be decoded: then it is none of the paths that are looked for. */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

async function readCall(request: EdgeRequest, url: URL) {
  const body = await readBody(request, MAX_REST_BYTES);
  return {
    query: Object.fromEntries(url.searchParams),
    body: body.length === 0 ? undefined : parseJson(body),
    user: request.user,
    remoteAddress: request.socket.remoteAddress ?? '',
    traceparent: currentTraceparent(),
    signal: closing(request),
  };
}

function parseJson(body: Buffer): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new InvalidInputError('the body is not JSON');
  }
  if (!isObject(value)) throw new InvalidInputError('the body is not a JSON object');
  return value;
}

async function readBody(request: IncomingMessage, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new InvalidInputError(`the body is larger than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function closing(request: IncomingMessage): AbortSignal {
  const controller = new AbortController();
  request.socket.once('close', () => controller.abort());
  return controller.signal;
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  sendText(response, status, `${JSON.stringify(body)}\n`, 'application/json; charset=utf-8');
}

function sendText(response: ServerResponse, status: number, text: string, contentType = 'text/plain; charset=utf-8'): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { 'content-type': contentType, 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' });
  response.end(text);
}
