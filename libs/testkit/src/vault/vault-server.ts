import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type EngineAnswer, KvV1, KvV2 } from './kv-engine.js';
import { type NewToken, type VaultToken, VaultTokens } from './vault-tokens.js';

export interface VaultServerOptions {
  now?: () => number;
  /** Mounts by namespace and path: `{ '': { secret: 2, kv: 1 } }` without it. */
  mounts?: Readonly<Record<string, Readonly<Record<string, 1 | 2>>>>;
}

/** What goes wrong with requests whose path begins with `path`; the API's own answers otherwise. */
export interface VaultFault {
  path?: string;
  status?: number;
  headers?: Record<string, string>;
  body?: string;
  /** Takes the request and never answers. */
  hang?: boolean;
}

export interface VaultRequest {
  method: string;
  path: string;
  namespace: string;
  token: string | undefined;
}

interface Login {
  namespace: string;
  accepts(body: Record<string, unknown>): boolean;
  refusal: { status: number; errors: string[] };
  token: NewToken;
}

const DENIED = { status: 403, errors: ['permission denied'] };
const MAX_BODY_BYTES = 1024 * 1024;

/**
 * A server that speaks the part of the HTTP API that HashiCorp Vault and OpenBao describe in public for KV v1 and v2, tokens,
 * AppRole, Kubernetes logins and namespaces: answers, error shapes `{"errors": []}`, leases, seals. It is no vault: everything is in memory.
 */
export class VaultServer {
  readonly url: string;
  readonly tokens: VaultTokens;
  /** Every request so far, in order. */
  readonly requests: VaultRequest[] = [];
  fault: VaultFault | undefined;
  isSealed = false;
  readonly #server: Server;
  readonly #engines = new Map<string, KvV1 | KvV2>();
  readonly #logins = new Map<string, Login[]>();

  private constructor(server: Server, { now = Date.now, mounts = { '': { secret: 2, kv: 1 } } }: VaultServerOptions) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.tokens = new VaultTokens(now);
    for (const [namespace, engines] of Object.entries(mounts))
      for (const [mount, version] of Object.entries(engines))
        this.#engines.set(`${namespace}|${mount}`, version === 1 ? new KvV1() : new KvV2(now));
  }

  static async start(options: VaultServerOptions = {}): Promise<VaultServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const vault = new VaultServer(server, options);
    server.on('request', (request, response) => void vault.#serve(request, response));
    return vault;
  }

  /** Writes as an administrator would: `put('secret/data/db', { data: { password: 'x' } })`. */
  put(path: string, body: Record<string, unknown>, namespace = ''): void {
    const { status, errors } = this.#engine(namespace, 'POST', path, new URLSearchParams(), body);
    if (status >= 400) throw new Error(`vault refuses ${path}: ${status} ${errors?.join()}`);
  }

  /** An AppRole with its login at `auth/PATH/login`. */
  addAppRole(role: { path?: string; roleId: string; secretId: string; namespace?: string; token?: NewToken }): void {
    const { path = 'approle', roleId, secretId, namespace = '', token = {} } = role;
    const refusal = { status: 400, errors: ['invalid role or secret ID'] };
    const accepts = (body: Record<string, unknown>) => body.role_id === roleId && body.secret_id === secretId;
    this.#addLogin(path, { namespace, accepts, refusal, token: { namespace, ...token } });
  }

  /** A role of a Kubernetes cluster whose tokens the server knows. */
  addKubernetesRole(role: { path?: string; role: string; jwt: string; namespace?: string; token?: NewToken }): void {
    const { path = 'kubernetes', jwt, namespace = '', token = {} } = role;
    const accepts = (body: Record<string, unknown>) => body.role === role.role && body.jwt === jwt;
    this.#addLogin(path, { namespace, accepts, refusal: DENIED, token: { namespace, ...token } });
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #addLogin(path: string, login: Login): void {
    const key = `${login.namespace}|auth/${path}/login`;
    this.#logins.set(key, [...(this.#logins.get(key) ?? []), login]);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const path = decodeURIComponent(url.pathname.replace(/^\/v1\//, ''));
    const namespace = String(request.headers['x-vault-namespace'] ?? '').replace(/\/$/, '');
    const token = request.headers['x-vault-token'] as string | undefined;
    const method = request.method ?? 'GET';
    this.requests.push({ method, path, namespace, token });
    const body = await readBody(request);
    const { fault } = this;
    if (fault && path.startsWith(fault.path ?? '')) {
      if (fault.hang) return;
      response.writeHead(fault.status ?? 500, { 'content-type': 'application/json', ...fault.headers });
      response.end(fault.body ?? JSON.stringify({ errors: ['internal error'] }));
      return;
    }
    const answer = this.#answer(method, path, url.searchParams, namespace, token, body);
    response.writeHead(answer.status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(answer.text);
  }

  #answer(
    method: string,
    path: string,
    query: URLSearchParams,
    namespace: string,
    value: string | undefined,
    body: Record<string, unknown>,
  ) {
    if (this.isSealed) return failure(503, ['Vault is sealed']);
    if (/^auth\/.+\/login$/.test(path)) return this.#login(path, namespace, body);
    const token = this.tokens.find(value);
    if (!token || !isWithin(token, namespace)) return failure(DENIED.status, DENIED.errors);
    if (path === 'auth/token/lookup-self') {
      const { isRenewable, ttlSeconds } = token;
      return success({
        id: token.value,
        ttl: this.tokens.remaining(token),
        creation_ttl: ttlSeconds,
        renewable: isRenewable,
        policies: ['default'],
      });
    }
    if (path === 'auth/token/renew-self') {
      if (!token.isRenewable) return failure(400, ['lease is not renewable']);
      this.tokens.renew(token);
      return authAnswer(token);
    }
    if (!token.paths.some((prefix) => path.startsWith(prefix))) return failure(DENIED.status, DENIED.errors);
    const { status, data, errors, leaseSeconds } = this.#engine(namespace, method, path, query, body);
    if (data !== undefined) return { ...success(data, leaseSeconds), status };
    return errors ? failure(status, errors) : { status, text: '' };
  }

  #engine(namespace: string, method: string, path: string, query: URLSearchParams, body: Record<string, unknown>): EngineAnswer {
    const parts = path.split('/');
    for (let length = parts.length - 1; length > 0; length--) {
      const engine = this.#engines.get(`${namespace}|${parts.slice(0, length).join('/')}`);
      if (engine) return engine.handle(method, parts.slice(length).join('/'), query, body);
    }
    return { status: 404, errors: [`no handler for route "${path}". route entry not found.`] };
  }

  #login(path: string, namespace: string, body: Record<string, unknown>) {
    const logins = this.#logins.get(`${namespace}|${path}`) ?? [];
    if (logins.length === 0) return failure(DENIED.status, DENIED.errors);
    const login = logins.find(({ accepts }) => accepts(body));
    if (!login) return failure(logins[0]!.refusal.status, logins[0]!.refusal.errors);
    return authAnswer(this.tokens.issue(login.token));
  }
}

/** A token works in its own namespace and in those below it. */
function isWithin({ namespace }: VaultToken, asked: string): boolean {
  return namespace === '' || asked === namespace || asked.startsWith(`${namespace}/`);
}

function envelope(fields: Record<string, unknown>): string {
  const empty = {
    request_id: randomUUID(),
    lease_id: '',
    renewable: false,
    lease_duration: 0,
    data: null,
    wrap_info: null,
    warnings: null,
    auth: null,
  };
  return JSON.stringify({ ...empty, ...fields });
}

const success = (data: unknown, leaseSeconds = 0) => ({ status: 200, text: envelope({ data, lease_duration: leaseSeconds }) });
const failure = (status: number, errors: string[]) => ({ status, text: JSON.stringify({ errors }) });

function authAnswer({ value, ttlSeconds, isRenewable }: VaultToken) {
  const auth = { client_token: value, accessor: randomUUID(), policies: ['default'], lease_duration: ttlSeconds, renewable: isRenewable };
  return { status: 200, text: envelope({ auth }) };
}

async function readBody(request: IncomingMessage): Promise<Record<string, unknown>> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return {};
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString() || '{}') as Record<string, unknown>;
  } catch {
    return {};
  }
}
