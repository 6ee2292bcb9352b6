import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type MemoryApi, startMemoryApi } from '../memory-api.js';

describe('the listener', () => {
  let api: MemoryApi;
  beforeEach(async () => {
    api = await startMemoryApi({ token: 'secret', limits: { maxBodyBytes: 1_000 } });
  });
  afterEach(() => api.close());

  const headers = { authorization: 'Bearer secret' };

  test('answers 401 without a user, 400 to a broken path and 413 to a body over the limit', async () => {
    expect((await fetch(`${api.url}/api/v1/namespaces`)).status).toBe(401);
    expect((await fetch(`${api.url}/api/v1/%E0%A4%A`, { headers })).status).toBe(400);
    const large = await fetch(`${api.url}/api/v1/namespaces`, { method: 'POST', headers, body: 'x'.repeat(2_000) });
    expect(large.status).toBe(413);
    expect(await large.json()).toMatchObject({ reason: 'RequestEntityTooLarge' });
  });

  test('sends the head of a watch at once and its events as they come', async () => {
    const response = await fetch(`${api.url}/api/v1/namespaces?watch=1&resourceVersion=2`, { headers });
    expect(response.status).toBe(200);
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    const body = JSON.stringify({ metadata: { name: 'team' } });
    await fetch(`${api.url}/api/v1/namespaces`, { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body });
    expect(JSON.parse((await reader.read()).value!)).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'team' } } });
    await reader.cancel();
    await expect.poll(() => api.server.watchers).toBe(0);
  });

  test('forgets a watcher whose connection breaks', async () => {
    const watching = request(`${api.url}/api/v1/namespaces?watch=1`, { headers }).on('error', () => {});
    watching.end();
    await expect.poll(() => api.server.watchers).toBe(1);
    watching.destroy();
    await expect.poll(() => api.server.watchers).toBe(0);
  });
});
