import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

const MAX_BODY_BYTES = 1024 * 1024;

export interface TlsMaterial {
  key: string;
  cert: string;
}

/** What a sink does wrong; change the fields at any time. */
export interface HttpFaults {
  /** Takes requests and never answers. */
  hang?: boolean;
  /** Takes requests and closes the connection instead of answering. */
  isSevered?: boolean;
  /** Answers every request with a redirect to this address. */
  redirectTo?: string;
  /** Answers with this status and repeats, as careless servers do, all it was sent: headers and body. */
  status?: number;
  /** The next so many requests are answered 429. */
  rateLimited?: number;
  /** What a 429 says in Retry-After; without it there is no such header. */
  retryAfter?: string;
  /** Answers 200 and bytes without end. */
  isEndless?: boolean;
}

export interface HttpSinkOptions {
  /** A free one when left out. */
  port?: number;
  tls?: TlsMaterial;
  faults?: HttpFaults;
}

export interface SinkRequest {
  method: string;
  /** Path and query. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

export interface SinkAnswer {
  status: number;
  headers?: Readonly<Record<string, string>>;
  body?: string;
}

export interface HttpSink {
  origin: string;
  /** Every request that arrived whole, the ones that met a fault included. */
  requests: SinkRequest[];
  close(): Promise<void>;
}

/** Serves on loopback only; `answer` is asked for each request that no fault takes. */
export async function serveHttp(
  { port = 0, tls, faults = {} }: HttpSinkOptions,
  answer: (request: SinkRequest) => SinkAnswer,
): Promise<HttpSink> {
  const requests: SinkRequest[] = [];
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const request = await read(incoming);
    if (request === undefined) {
      response.writeHead(413).end();
      return;
    }
    requests.push(request);
    if (misbehave(faults, request, response)) return;
    const { status, headers, body } = answer(request);
    response.writeHead(status, { ...headers }).end(body);
  };
  const listener = (incoming: IncomingMessage, response: ServerResponse) => {
    handle(incoming, response).catch(() => response.destroy());
  };
  const server = tls ? createTlsServer({ ...tls }, listener) : createServer(listener);
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  return {
    origin: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function read(incoming: IncomingMessage): Promise<SinkRequest | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  const headers = Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]);
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: Object.fromEntries(headers),
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

function misbehave(faults: HttpFaults, request: SinkRequest, response: ServerResponse): boolean {
  if (faults.hang) return true;
  if (faults.isSevered) {
    response.destroy();
    return true;
  }
  if (faults.redirectTo !== undefined) {
    response.writeHead(302, { location: faults.redirectTo }).end();
    return true;
  }
  if (faults.rateLimited) {
    faults.rateLimited--;
    response.writeHead(429, faults.retryAfter === undefined ? {} : { 'retry-after': faults.retryAfter }).end('rate_limited');
    return true;
  }
  if (faults.status !== undefined) {
    response.writeHead(faults.status, { 'content-type': 'text/plain' }).end(JSON.stringify(request));
    return true;
  }
  if (!faults.isEndless) return false;
  response.writeHead(200, { 'content-type': 'application/json' });
  const chunk = Buffer.alloc(16_384, 0x20);
  const pump = () => {
    while (!response.destroyed && response.write(chunk));
    if (!response.destroyed) response.once('drain', pump);
  };
  pump();
  return true;
}
