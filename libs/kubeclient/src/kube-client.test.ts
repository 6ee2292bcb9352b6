import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { KubeClient, KubeError, KubeUnreachableError } from './index.js';

let server: Server;
let client: KubeClient;
const serve = async (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<void> => {
  server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  client = new KubeClient({ server: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, namespace: 'default', token: 't' });
};
const json = (response: ServerResponse, value: unknown, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(value));
};
afterEach(async () => {
  client.close();
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test('a list reads all pages and names the kind of every item', async () => {
  await serve((request, response) => {
    const next = new URL(request.url!, 'http://x').searchParams.get('continue');
    const metadata = { resourceVersion: '7', ...(next ? {} : { continue: 'more' }) };
    json(response, { apiVersion: 'v1', kind: 'ConfigMapList', metadata, items: [{ metadata: { name: next ? 'b' : 'a' } }] });
  });
  const { items, resourceVersion } = await client.list('/api/v1/configmaps');
  expect(items.map(({ kind, metadata }) => `${kind} ${metadata.name}`)).toEqual(['ConfigMap a', 'ConfigMap b']);
  expect(resourceVersion).toBe('7');
});

test('a watch reads events across chunk borders and throws an ERROR event with its code', async () => {
  await serve((_, response) => {
    const text = `${JSON.stringify({ type: 'ADDED', object: { metadata: { name: 'ä' } } })}\n${JSON.stringify({ type: 'ERROR', object: { code: 410, reason: 'Expired', message: 'too old' } })}\n`;
    const bytes = Buffer.from(text);
    response.write(bytes.subarray(0, 41));
    setImmediate(() => response.end(bytes.subarray(41)));
  });
  const seen: string[] = [];
  const watching = (async () => {
    for await (const { object } of client.watch('/api/v1/configmaps', { resourceVersion: '1', signal: new AbortController().signal }))
      seen.push(object.metadata.name);
  })();
  await expect(watching).rejects.toMatchObject({ status: 410, reason: 'Expired' });
  expect(seen).toEqual(['ä']);
});

test('open watches never use up the connections of requests', async () => {
  await serve((request, response) => {
    if (request.url!.includes('watch=true'))
      response.write(`${JSON.stringify({ type: 'BOOKMARK', object: { metadata: { name: '' } } })}\n`);
    else json(response, { metadata: { name: 'x' } });
  });
  const stop = new AbortController();
  const watches = Array.from({ length: 40 }, () =>
    client.watch('/api/v1/pods', { resourceVersion: '1', signal: stop.signal })[Symbol.asyncIterator](),
  );
  await Promise.all(watches.map((watch) => watch.next()));
  expect(await client.get('/api/v1/namespaces/x')).toMatchObject({ metadata: { name: 'x' } });
  stop.abort();
});

test('errors tell the Status of the server, or that there was no answer', async () => {
  await serve((request, response) => {
    if (request.url === '/gone') request.socket.destroy();
    else json(response, { kind: 'Status', reason: 'Conflict', message: 'changed', details: { name: 'x' } }, 409);
  });
  await expect(client.request('PUT', '/x', { body: {} })).rejects.toMatchObject({ status: 409, reason: 'Conflict', retry: 'reread' });
  await expect(client.request('GET', '/x')).rejects.toBeInstanceOf(KubeError);
  await expect(client.request('GET', '/gone')).rejects.toBeInstanceOf(KubeUnreachableError);
});

test('an answer that stops in the middle is unreachable after its time, and an aborted request says why it was aborted', async () => {
  await serve((request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    if (request.url === '/half') response.write('{"metadata":');
  });
  await expect(client.request('GET', '/half', { timeoutMs: 50 })).rejects.toBeInstanceOf(KubeUnreachableError);
  const stop = new AbortController();
  const asked = client.request('GET', '/never', { signal: stop.signal });
  stop.abort(new Error('no longer wanted'));
  await expect(asked).rejects.toThrow('no longer wanted');
});

test('queries are escaped, and connections are used again', async () => {
  const urls: string[] = [];
  const sockets = new Set<unknown>();
  await serve((request, response) => {
    urls.push(request.url!);
    sockets.add(request.socket);
    json(response, { metadata: { name: 'x' } });
  });
  await client.request('GET', '/x', { query: { labelSelector: 'a=b,c!=d e', gone: undefined } });
  await client.request('GET', '/y?z=1', { query: { limit: '5' } });
  expect(urls).toEqual(['/x?labelSelector=a%3Db%2Cc!%3Dd%20e', '/y?z=1&limit=5']);
  expect(sockets.size).toBe(1);
});
