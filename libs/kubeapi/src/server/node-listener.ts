import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ApiAnswer, type ApiRequest, jsonAnswer } from '../http/api-request.js';
import { badRequest, tooLarge, unauthorized } from '../http/kube-api.errors.js';
import { KubeApiError } from '../http/kube-status.js';
import type { RequestUser } from '../storage.js';
import type { KubeApiServer } from './kube-api-server.js';

/** Who sends a request, or undefined for nobody known (401). */
export type Authenticate = (request: IncomingMessage) => RequestUser | undefined | Promise<RequestUser | undefined>;

/** Bytes a slow reader may leave unsent before the next event of its stream is waited with; then for how long. */
const DRAIN_TIMEOUT_MS = 30_000;

/** A listener for node:http(s) servers; frameworks hand over their raw request and response. Never rejects. */
export function toNodeListener(
  server: KubeApiServer,
  authenticate: Authenticate,
): (req: IncomingMessage, res: ServerResponse) => Promise<void> {
  return async (req, res) => {
    const leaving = new AbortController();
    res.once('close', () => leaving.abort());
    try {
      await send(res, await answer(server, authenticate, req, leaving.signal), leaving.signal);
    } catch (error) {
      // The socket is gone, or a stream broke after its head was sent: nothing more can be said on it.
      res.destroy(error instanceof Error ? error : undefined);
    } finally {
      leaving.abort();
    }
  };
}

async function answer(server: KubeApiServer, authenticate: Authenticate, req: IncomingMessage, signal: AbortSignal): Promise<ApiAnswer> {
  try {
    const user = await authenticate(req);
    if (!user) throw unauthorized();
    return await server.handle(await toApiRequest(req, user, server.limits.maxBodyBytes, signal));
  } catch (error) {
    if (error instanceof KubeApiError) return jsonAnswer(error.status.code, error.status);
    throw error;
  }
}

/** The core's form of a node request. @throws KubeApiError 400 or 413 */
export async function toApiRequest(
  req: IncomingMessage,
  user: RequestUser,
  maxBodyBytes: number,
  signal: AbortSignal,
): Promise<ApiRequest> {
  const url = readUrl(req.url ?? '/');
  return {
    method: req.method ?? 'GET',
    path: url.path,
    query: url.query,
    headers: Object.fromEntries(Object.entries(req.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(',') : value])),
    body: await readBody(req, maxBodyBytes),
    user,
    signal,
  };
}

function readUrl(text: string): { path: string; query: URLSearchParams } {
  const [path = '/', query = ''] = text.split(/\?(.*)/s, 2);
  try {
    return { path: decodeURIComponent(path), query: new URLSearchParams(query) };
  } catch {
    throw badRequest('the path of the request is not valid percent-encoding');
  }
}

async function readBody(req: IncomingMessage, maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw tooLarge(maxBytes);
    chunks.push(chunk);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

async function send(res: ServerResponse, { status, headers, body, stream }: ApiAnswer, signal: AbortSignal): Promise<void> {
  if (!stream) {
    const bytes = Buffer.from(body ?? '', 'utf8');
    res.writeHead(status, { ...headers, 'content-length': bytes.length });
    res.end(bytes);
    return;
  }
  res.writeHead(status, headers);
  // The client must see the head before the first event comes.
  res.flushHeaders();
  for await (const chunk of stream) {
    if (signal.aborted) break;
    if (!res.write(chunk)) await drained(res, signal);
  }
  res.end();
}

/** A reader that takes nothing for too long is cut off; it lists and watches again. */
function drained(res: ServerResponse, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => res.destroy(), DRAIN_TIMEOUT_MS);
    const done = (): void => {
      clearTimeout(timer);
      res.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    res.once('drain', done);
    signal.addEventListener('abort', done, { once: true });
  });
}
