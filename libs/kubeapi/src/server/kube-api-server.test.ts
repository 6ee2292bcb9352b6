import { describe, expect, test } from 'vitest';
import { ApiRegistry } from '../api/api-registry.js';
import { builtinResource } from '../builtin/builtin-resources.js';
import type { ApiAnswer, ApiRequest } from '../http/api-request.js';
import type { StatusCause } from '../http/kube-status.js';
import { MemoryStorage } from '../storage.memory.js';
import { KubeApiServer, type KubeApiServerOptions } from './kube-api-server.js';

const CONFIG_MAP = builtinResource('v1', 'ConfigMap')!;
const ALL = '/api/v1/namespaces/default/configmaps';
const USER = { name: 'ann', groups: [] };

function start(options: Partial<KubeApiServerOptions> = {}) {
  const storage = options.storage ?? new MemoryStorage();
  const server = new KubeApiServer({ registry: new ApiRegistry([CONFIG_MAP]), ...options, storage });
  const send = (method: string, target: string, body?: unknown, rest: Partial<ApiRequest> = {}): Promise<ApiAnswer> => {
    const [path = '', query = ''] = target.split('?');
    const bytes = body === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(body));
    const signal = new AbortController().signal;
    return server.handle({ method, path, query: new URLSearchParams(query), headers: {}, body: bytes, user: USER, signal, ...rest });
  };
  const apply = (name: string, data: Record<string, string>, manager = 'm'): Promise<ApiAnswer> =>
    send(
      'PATCH',
      `${ALL}/${name}?fieldManager=${manager}`,
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data },
      {
        headers: { 'content-type': 'application/apply-patch+yaml' },
      },
    );
  return { server, storage, send, apply };
}

const bodyOf = (answer: ApiAnswer) => JSON.parse(answer.body ?? 'null');

async function collect(
  { stream }: ApiAnswer,
  count: number,
): Promise<{ type: string; object: { code?: number; metadata: Record<string, unknown> } }[]> {
  const events = [];
  for await (const line of stream!) {
    events.push(JSON.parse(line));
    if (events.length === count) break;
  }
  return events;
}

describe('the API server', () => {
  test('merges patches that come at once, without losing one', async () => {
    const { send } = start();
    await send('POST', ALL, { metadata: { name: 'shared' } });
    const patches = Array.from({ length: 6 }, (_, i) =>
      send('PATCH', `${ALL}/shared`, { data: { [`k${i}`]: 'v' } }, { headers: { 'content-type': 'application/merge-patch+json' } }),
    );
    expect((await Promise.all(patches)).map(({ status }) => status)).toEqual(Array(6).fill(200));
    expect(Object.keys(bodyOf(await send('GET', `${ALL}/shared`)).data)).toHaveLength(6);
  });

  test('keeps the version when an apply changes nothing', async () => {
    const { apply } = start();
    expect((await apply('same', { a: '1' })).status).toBe(201);
    const again = bodyOf(await apply('same', { a: '1' }));
    expect(bodyOf(await apply('same', { a: '1' }))).toEqual(again);
  });

  test('refuses what its authorizer denies, and says who may not do what', async () => {
    const { send } = start({ authorizer: { authorize: (_, { verb }) => ({ allowed: verb === 'list' }), rules: () => [] } });
    expect((await send('GET', ALL)).status).toBe(200);
    const denied = await send('GET', `${ALL}/x`);
    expect(denied.status).toBe(403);
    expect(bodyOf(denied).message).toBe(
      'configmaps "x" is forbidden: User "ann" cannot get resource "configmaps" in API group "" in the namespace "default"',
    );
    expect((await send('GET', '/version')).status).toBe(403);
  });

  test('answers 413 above its body limit and 504 above its time', async () => {
    const { send } = start({ limits: { maxBodyBytes: 100, requestTimeoutMs: 20 }, namespaceExists: () => new Promise<boolean>(() => {}) });
    expect((await send('POST', ALL, { metadata: { name: 'x'.repeat(200) } })).status).toBe(413);
    expect((await send('POST', ALL, { metadata: { name: 'slow' } })).status).toBe(504);
  });

  test('hides what went wrong inside, and tells the one who runs it', async () => {
    const failures: unknown[] = [];
    const namespaceExists = (): boolean => {
      throw new Error('password=hunter2');
    };
    const { send } = start({ namespaceExists, onFailure: (error) => failures.push(error) });
    const answer = await send('POST', ALL, { metadata: { name: 'x' } });
    expect(answer.status).toBe(500);
    expect(answer.body).not.toContain('hunter2');
    expect(failures).toHaveLength(1);
  });

  test('runs the hooks of a kind: prepare, validate, warn, mask', async () => {
    const causes: StatusCause[] = [{ reason: 'FieldValueInvalid', message: 'Invalid value: "red": no red', field: 'data.color' }];
    const sealed = {
      ...CONFIG_MAP,
      strategy: {
        prepareForCreate: (object) => ({ ...object, data: { sealed: 'yes' } }),
        validate: (_, live) => (live ? causes : []),
        warnings: () => ['mind the gap'],
        mask: (object) => ({ ...object, data: { sealed: '***' } }),
      },
    } satisfies typeof CONFIG_MAP;
    const { send, storage } = start({ registry: new ApiRegistry([sealed]) });
    const made = await send('POST', ALL, { metadata: { name: 'x' }, data: { color: 'red' } });
    expect(bodyOf(made).data).toEqual({ sealed: '***' });
    expect(made.headers.warning).toEqual(['299 - "mind the gap"']);
    expect((await storage.get({ group: '', resource: 'configmaps' }, 'default', 'x'))?.data).toEqual({ sealed: 'yes' });
    const refused = await send('PUT', `${ALL}/x`, { metadata: { name: 'x' }, data: { color: 'blue' } });
    expect(refused.status).toBe(422);
    expect(bodyOf(refused).details.causes).toEqual(causes);
  });
});

describe('a watch', () => {
  test('sends bookmarks that tell how far it is', async () => {
    const { send, apply } = start({ limits: { bookmarkIntervalMs: 5 } });
    const made = bodyOf(await apply('a', {}));
    const watch = await send('GET', `${ALL}?watch=1&allowWatchBookmarks=true&resourceVersion=${made.metadata.resourceVersion}`);
    const [event] = await collect(watch, 1);
    expect(event).toMatchObject({
      type: 'BOOKMARK',
      object: { kind: 'ConfigMap', metadata: { resourceVersion: made.metadata.resourceVersion } },
    });
  });

  test('from before the log ends with an ERROR event that says 410', async () => {
    const { send, apply } = start({ storage: new MemoryStorage({ logCapacity: 2 }) });
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) await apply(name, {});
    const events = await collect(await send('GET', `${ALL}?watch=1&resourceVersion=2`), 1);
    expect(events).toMatchObject([{ type: 'ERROR', object: { kind: 'Status', code: 410, reason: 'Expired' } }]);
  });

  test('ends when the client leaves, and is counted no more', async () => {
    const { server, send } = start({ limits: { maxWatchers: 1 } });
    const leaving = new AbortController();
    const watch = await send('GET', `${ALL}?watch=1`, undefined, { signal: leaving.signal });
    const events = collect(watch, 1);
    await expect.poll(() => server.watchers).toBe(1);
    expect((await send('GET', `${ALL}?watch=1`)).status).toBe(429);
    leaving.abort();
    expect(await events).toEqual([]);
    expect(server.watchers).toBe(0);
  });
});
