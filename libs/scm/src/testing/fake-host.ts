import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FakeWorld } from './fake-world.js';

export interface FakeRequest {
  url: URL;
  /** Decoded segments below the dialect's prefix. */
  path: string[];
  authorization: string | undefined;
  /** Where paging links lead. */
  linkOrigin: string;
}

export interface FakeAnswer {
  status?: number;
  headers?: Record<string, string>;
  body?: unknown;
}

/** The protocol of one kind of host, after its public API description. */
export interface FakeDialect {
  /** Path of the API: `/api/v4/`. */
  prefix: string;
  /** The host answers If-None-Match. */
  etags: boolean;
  /** What `Authorization` must be for a secret. */
  authorization(secret: string): string;
  /** Undefined: there is no such thing. */
  answer(request: FakeRequest, world: FakeWorld): FakeAnswer | undefined;
  notFound: FakeAnswer;
  rateLimited(seconds: number): FakeAnswer;
}

/** `hang` never answers, `cut` ends the connection amid the body. */
export type Intercepted = FakeAnswer | 'hang' | 'cut';
/** Stands between client and host; `next` is the host's own answer. */
export type Intercept = (request: FakeRequest, next: (request?: FakeRequest) => FakeAnswer) => Intercepted;

/** A Git host on a free port: one dialect over one world. Its error answers hold what they were sent, token included. */
export class FakeHost {
  readonly dialect: FakeDialect;
  readonly world: FakeWorld;
  readonly secret: string;
  readonly requests: { url: string; authorization: string | undefined; status: number }[] = [];
  /** Calls that hang, each until the client leaves. */
  readonly hung: Promise<void>[] = [];
  intercept: Intercept = (_, next) => next();
  /** Runs before a request is answered. */
  onArrival: (path: string) => Promise<void> = async () => undefined;
  /** Set to make paging links lead elsewhere. */
  linkOrigin: string | undefined;
  readonly #server: Server;

  private constructor(dialect: FakeDialect, world: FakeWorld, secret: string) {
    this.dialect = dialect;
    this.world = world;
    this.secret = secret;
    this.#server = createServer((request, response) => {
      void this.onArrival(request.url!).then(() => this.#serve(request, response));
    });
  }

  static async start(dialect: FakeDialect, world: FakeWorld, secret = 'canary-token'): Promise<FakeHost> {
    const host = new FakeHost(dialect, world, secret);
    await new Promise<void>((resolve) => host.#server.listen(0, '127.0.0.1', resolve));
    return host;
  }

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #serve(incoming: IncomingMessage, response: ServerResponse): void {
    const url = new URL(incoming.url!, this.origin);
    const authorization = incoming.headers.authorization;
    const path = url.pathname.slice(this.dialect.prefix.length).split('/').map(decodeURIComponent);
    const request: FakeRequest = { url, path, authorization, linkOrigin: this.linkOrigin ?? this.origin };
    const intercepted = this.intercept(request, (other = request) => this.#answer(other));
    this.requests.push({ url: url.href, authorization, status: typeof intercepted === 'string' ? 0 : (intercepted.status ?? 200) });
    if (intercepted === 'hang') {
      this.hung.push(new Promise((resolve) => response.once('close', resolve)));
      return;
    }
    if (intercepted === 'cut') {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('[{"id":', () => response.destroy());
      return;
    }
    const { status = 200, headers = {}, body } = intercepted;
    const text = status === 204 ? '' : JSON.stringify(status < 400 ? body : { ...(body as object), echo: authorization });
    const etag = `"${createHash('sha256').update(text).digest('hex')}"`;
    if (this.dialect.etags && status === 200 && incoming.headers['if-none-match'] === etag) {
      this.requests.at(-1)!.status = 304;
      response.writeHead(304, { etag }).end();
      return;
    }
    response.writeHead(status, {
      'content-type': 'application/json',
      ...(this.dialect.etags && status === 200 ? { etag } : {}),
      ...headers,
    });
    response.end(text);
  }

  #answer(request: FakeRequest): FakeAnswer {
    if (request.authorization !== this.dialect.authorization(this.secret)) return { status: 401, body: { message: 'Bad credentials' } };
    if (!request.url.pathname.startsWith(this.dialect.prefix)) return this.dialect.notFound;
    return this.dialect.answer(request, this.world) ?? this.dialect.notFound;
  }
}

/** Items of the page that `page` and a size parameter ask for, and whether there are more. */
export function numberedPage<T>(
  url: URL,
  items: readonly T[],
  sizeParameter: string,
  maxSize: number,
): { items: T[]; page: number; more: boolean } {
  const page = Number(url.searchParams.get('page') ?? 1);
  const size = Math.min(Number(url.searchParams.get(sizeParameter) ?? 20), maxSize);
  return { items: items.slice((page - 1) * size, page * size), page, more: page * size < items.length };
}

export function addressOf({ url, linkOrigin }: FakeRequest, changes: Record<string, string>): string {
  const address = new URL(url.pathname + url.search, linkOrigin);
  for (const [name, value] of Object.entries(changes)) address.searchParams.set(name, value);
  return address.href;
}
