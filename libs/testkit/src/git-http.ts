import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { gitEnvironment } from './git-repositories.js';

/** What the HTTP server does wrong; change the fields at any time. */
export interface GitHttpFaults {
  /** Answers every request with a redirect to this base and the same path. */
  redirectTo?: string;
  /** Takes requests and never answers. */
  hang?: boolean;
  /** The next so many requests are answered 401 whoever asks. */
  unauthorized?: number;
  /** The next so many requests are answered 503. */
  unavailable?: number;
  /** Sends a header of a pack and then bytes without end. */
  endless?: boolean;
}

export interface GitHttpRequest {
  method: string;
  path: string;
  /** The Authorization header as it came. */
  authorization?: string;
}

export interface GitHttpServer {
  url: string;
  requests: GitHttpRequest[];
  close(): Promise<void>;
}

export interface GitHttpOptions {
  root: string;
  users: ReadonlyMap<string, string>;
  faults: GitHttpFaults;
  tls?: { key: string; cert: string };
}

/** Serves bare repositories for reading over smart HTTP through `git http-backend`, spawned without a shell. */
export async function startGitHttp(options: GitHttpOptions): Promise<GitHttpServer> {
  const requests: GitHttpRequest[] = [];
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    requests.push({ method: request.method ?? '', path: request.url ?? '', authorization: request.headers.authorization });
    if (!misbehave(options.faults, request, response)) serve(options, request, response);
  };
  const server = options.tls ? createTlsServer(options.tls, answer) : createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    requests,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function misbehave(faults: GitHttpFaults, request: IncomingMessage, response: ServerResponse): boolean {
  if (faults.hang) return true;
  if (faults.redirectTo) {
    response.writeHead(302, { location: `${faults.redirectTo}${request.url}` }).end();
    return true;
  }
  if (faults.unauthorized) {
    faults.unauthorized--;
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    return true;
  }
  if (faults.unavailable) {
    faults.unavailable--;
    response.writeHead(503).end('try later');
    return true;
  }
  if (faults.endless && request.method === 'POST') {
    response.writeHead(200, { 'content-type': 'application/x-git-upload-pack-result' });
    const chunk = Buffer.alloc(65_536, 0x41);
    const pump = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', pump);
    pump();
    return true;
  }
  return false;
}

function serve(options: GitHttpOptions, request: IncomingMessage, response: ServerResponse): void {
  const user = userOf(request.headers.authorization, options.users);
  if (options.users.size > 0 && user === undefined) {
    response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    return;
  }
  const [path = '', query = ''] = (request.url ?? '').split('?', 2);
  const backend = spawn('git', ['http-backend'], {
    env: {
      ...gitEnvironment(),
      GIT_PROJECT_ROOT: options.root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: decodeURIComponent(path),
      QUERY_STRING: query,
      REQUEST_METHOD: request.method,
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_ADDR: '127.0.0.1',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  backend.on('error', () => response.destroy());
  backend.stdin.on('error', () => undefined);
  request.pipe(backend.stdin);
  relay(backend.stdout, response);
  response.on('close', () => backend.kill());
}

/** Turns the CGI answer (headers, an empty line, the body) into an HTTP one. */
function relay(output: NodeJS.ReadableStream, response: ServerResponse): void {
  let head = Buffer.alloc(0);
  const onData = (chunk: Buffer) => {
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end < 0) return;
    output.off('data', onData);
    let status = 200;
    for (const line of head.subarray(0, end).toString().split('\r\n')) {
      const [name = '', value = ''] = line.split(/:\s*/, 2);
      if (name.toLowerCase() === 'status') status = Number.parseInt(value, 10);
      else response.setHeader(name, value);
    }
    response.writeHead(status);
    response.write(head.subarray(end + 4));
    output.pipe(response);
  };
  output.on('data', onData);
  output.on('end', () => response.end());
}

function userOf(authorization: string | undefined, users: ReadonlyMap<string, string>): string | undefined {
  const [scheme, credential] = (authorization ?? '').split(' ');
  if (scheme === 'Bearer') return [...users].find(([, password]) => password === credential)?.[0];
  if (scheme !== 'Basic') return undefined;
  const [user = '', password = ''] = Buffer.from(credential ?? '', 'base64')
    .toString()
    .split(':', 2);
  return users.get(user) === password ? user : undefined;
}
