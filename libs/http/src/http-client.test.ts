import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import {
  AddressDeniedError,
  AddressPolicy,
  HttpClient,
  HttpUnavailableError,
  RedirectRefusedError,
  ResponseTooLargeError,
} from './index.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const local = new HttpClient({ addresses: new AddressPolicy({ allow: ['127.0.0.1/32'] }) });

test.each([
  'http://127.0.0.1/',
  'http://[::1]/',
  'http://169.254.169.254/latest/meta-data',
  'http://10.0.0.1/',
  'http://[::ffff:127.0.0.1]/',
  'http://2130706433/',
  'http://0x7f.1/',
  'http://[64:ff9b::a9fe:a9fe]/',
])('%s is not called', async (url) => {
  await expect(new HttpClient({ addresses: new AddressPolicy() }).request({ url })).rejects.toBeInstanceOf(AddressDeniedError);
});

test('private ranges are opened by configuration, metadata is not', () => {
  const policy = new AddressPolicy({ allowPrivate: true });
  expect(['10.1.2.3', '192.168.1.1', '8.8.8.8', '169.254.169.254', '127.0.0.1'].map((address) => policy.permits(address))).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
});

test('a name is judged by every address it stands for', async () => {
  const resolve = async () => [
    { address: '93.184.216.34', family: 4 as const },
    { address: '127.0.0.1', family: 4 as const },
  ];
  const client = new HttpClient({ addresses: new AddressPolicy({ resolve }) });
  await expect(client.request({ url: 'http://rebind.example/' })).rejects.toThrow(/stands for 127\.0\.0\.1/);
});

test('a redirect to a denied address is refused', async () => {
  const base = await serve((_request, response) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end());
  await expect(local.request({ url: base })).rejects.toBeInstanceOf(AddressDeniedError);
});

test('a credential goes to its origin only', async () => {
  const seen: (string | undefined)[] = [];
  const other = await serve((request, response) => {
    seen.push(request.headers.authorization, request.headers['private-token'] as string | undefined);
    response.end('other');
  });
  const first = await serve((request, response) => {
    seen.push(request.headers.authorization);
    response.writeHead(302, { location: `${other}/x` }).end();
  });
  const credential = { origin: first, authorization: 'Bearer canary' };
  const response = await local.request({ url: `${first}/y`, credential, headers: { 'private-token': 'canary' } });
  expect(response).toMatchObject({ status: 200, url: `${other}/x` });
  expect(seen).toEqual(['Bearer canary', undefined, undefined]);
});

test('a call that stays on its origin follows redirects there and refuses all others', async () => {
  let asked = 0;
  const other = await serve((_request, response) => {
    asked++;
    response.end('other');
  });
  const first = await serve((request, response) => {
    if (request.url === '/end') response.end('here');
    else response.writeHead(302, { location: request.url === '/away' ? `${other}/x` : '/end' }).end();
  });
  expect((await local.request({ url: `${first}/near`, stayOnOrigin: true })).body.toString()).toBe('here');
  await expect(local.request({ url: `${first}/away`, stayOnOrigin: true })).rejects.toBeInstanceOf(RedirectRefusedError);
  expect(asked).toBe(0);
});

test('answers are bounded in size, time and redirects', async () => {
  const large = await serve((_request, response) => response.end(Buffer.alloc(2000)));
  await expect(local.request({ url: large, maxBodyBytes: 1000 })).rejects.toBeInstanceOf(ResponseTooLargeError);
  const silent = await serve(() => undefined);
  await expect(local.request({ url: silent, timeoutMs: 50 })).rejects.toBeInstanceOf(HttpUnavailableError);
  const circle = await serve((_request, response) => response.writeHead(301, { location: '/' }).end());
  await expect(local.request({ url: circle })).rejects.toBeInstanceOf(RedirectRefusedError);
});

test('a post carries its body and errors name the origin without the query', async () => {
  const echo = await serve((request, response) => {
    request.pipe(response);
  });
  expect((await local.request({ url: echo, method: 'POST', body: 'hello' })).body.toString()).toBe('hello');
  const gone = await local.request({ url: 'http://127.0.0.1:1/?token=canary' }).catch((error: Error) => error);
  expect((gone as Error).message).toBe('no answer from http://127.0.0.1:1: ECONNREFUSED');
});

test('connections are kept for the next call where that is asked for', async () => {
  const ports = new Set<number | undefined>();
  const base = await serve((request, response) => {
    ports.add(request.socket.remotePort);
    response.end('here');
  });
  const addresses = new AddressPolicy({ allow: ['127.0.0.1/32'] });
  const keeping = new HttpClient({ addresses, maxKeptConnections: 4 });
  for (let i = 0; i < 3; i++) await keeping.request({ url: base, method: 'POST', body: 'x' });
  expect(ports.size).toBe(1);
  for (let i = 0; i < 3; i++) await local.request({ url: base, method: 'POST', body: 'x' });
  expect(ports.size).toBe(4);
});

test('a kept connection serves a name only as long as the name may be called', async () => {
  const base = await serve((_request, response) => response.end('here'));
  const answers = [{ address: '127.0.0.1', family: 4 as const }];
  const addresses = new AddressPolicy({ allow: ['127.0.0.1/32'], resolve: async () => [...answers] });
  const keeping = new HttpClient({ addresses, maxKeptConnections: 4 });
  const url = base.replace('127.0.0.1', 'sink.example');
  expect((await keeping.request({ url })).status).toBe(200);
  answers[0] = { address: '10.0.0.1', family: 4 };
  await expect(keeping.request({ url })).rejects.toBeInstanceOf(AddressDeniedError);
});
