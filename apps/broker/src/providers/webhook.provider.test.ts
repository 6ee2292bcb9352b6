import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { faultOf, opened, providerTools, textOf } from '../testing/provider-tools.js';

let server: Server;
let url: string;
let heard: { url: string | undefined; headers: IncomingMessage['headers']; body: string }[];
let answer: { status: number; body: string };
beforeEach(async () => {
  heard = [];
  answer = { status: 200, body: '{"data":{"value":"v","list":[1]}}' };
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    heard.push({ url: request.url, headers: request.headers, body });
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const reader = (spec: object) =>
  opened({ webhook: { secrets: [{ name: 'auth', secretRef: { name: 'creds' } }], ...spec } }, providerTools({ 'creds/token': 'tok/en' }));

test('URL, headers and body are templates over the reference and the named Secrets', async () => {
  const spec = {
    url: `${url}/get/{{ .remoteRef.key }}?part={{ .remoteRef.property }}`,
    method: 'POST',
    headers: { authorization: 'Bearer {{ .auth.token }}' },
    body: '{"version":"{{ .remoteRef.version }}"}',
    result: { jsonPath: '$.data.value' },
  };
  expect(await textOf(reader(spec), 'a/b c?x', undefined, '3')).toBe('v');
  expect(heard).toMatchObject([{ url: '/get/a%2Fb%20c%3Fx?part=', headers: { authorization: 'Bearer tok/en' }, body: '{"version":"3"}' }]);
  expect(await textOf(reader({ url: `${url}/`, result: { jsonPath: '$.data.list[0]' } }), 'k')).toBe('1');
});

test('the origin is the store’s own: an ExternalSecret cannot send credentials elsewhere', () => {
  for (const bad of ['{{ .remoteRef.key }}', 'https://{{ .remoteRef.key }}/x', 'https://host{{ .remoteRef.key }}/', 'ftp://host/'])
    expect(() => reader({ url: bad })).toThrow('must begin with a scheme and a host');
});

test('what goes wrong is told without what was sent or answered', async () => {
  const plain = { url: `${url}/{{ .remoteRef.key }}`, result: { jsonPath: '$.none' } };
  expect(await faultOf(textOf(reader(plain), 'k'))).toMatchObject({ reason: 'PropertyNotFound' });
  answer = { status: 200, body: 'canary, no JSON' };
  expect((await faultOf(textOf(reader(plain), 'k'))).message).not.toContain('canary');
  answer = { status: 404, body: 'canary' };
  expect(await faultOf(textOf(reader(plain), 'k'))).toMatchObject({ reason: 'KeyNotFound' });
  answer = { status: 500, body: 'canary' };
  expect(await faultOf(textOf(reader(plain), 'k'))).toMatchObject({
    reason: 'ProviderFailed',
    message: expect.not.stringContaining('canary'),
  });
  expect(await faultOf(textOf(reader({ url: `${url}/{{ .auth.none }}` }), 'k'))).toMatchObject({ reason: 'StoreInvalid' });
  expect(() => reader({ url: `${url}/{{ .x` })).toThrow('url is no Go template');
  expect(() => reader({ url, timeout: 5 })).toThrow('spec.provider.webhook.timeout');
});
