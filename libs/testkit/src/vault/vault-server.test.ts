import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { VaultServer } from './vault-server.js';

/** What the public API description of Vault and OpenBao says, asked over HTTP as every client would. */
let vault: VaultServer;
let token: string;
let now = Date.UTC(2026, 0, 1);
beforeEach(async () => {
  vault = await VaultServer.start({ now: () => now, mounts: { '': { secret: 2, kv: 1, 'team/kv': 2 }, ns1: { secret: 2 } } });
  token = vault.tokens.issue({}).value;
});
afterEach(() => vault.stop());

async function call(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${vault.url}/v1/${path}`, {
    method,
    headers: { 'x-vault-token': token, ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, json: text === '' ? undefined : JSON.parse(text) };
}

describe('KV version 2', () => {
  test('numbers versions and answers the newest, or the one asked for', async () => {
    expect(await call('POST', 'secret/data/app/db', { data: { a: '1' } })).toMatchObject({
      status: 200,
      json: { data: { version: 1, destroyed: false } },
    });
    await call('POST', 'secret/data/app/db', { data: { a: '2' } });
    expect((await call('GET', 'secret/data/app/db')).json).toMatchObject({
      data: { data: { a: '2' }, metadata: { version: 2 } },
      lease_duration: 0,
    });
    expect((await call('GET', 'secret/data/app/db?version=1')).json.data.data).toEqual({ a: '1' });
    expect(await call('GET', 'secret/data/app/db?version=9')).toEqual({ status: 404, json: { errors: [] } });
    expect(await call('GET', 'secret/data/none')).toEqual({ status: 404, json: { errors: [] } });
    expect((await call('GET', 'team/kv/data/none')).status).toBe(404);
  });

  test('checks and sets', async () => {
    expect((await call('POST', 'secret/data/db', { data: {}, options: { cas: 1 } })).status).toBe(400);
    expect((await call('POST', 'secret/data/db', { data: {}, options: { cas: 0 } })).status).toBe(200);
  });

  test('deletes softly, with its metadata in the 404, undeletes, and destroys for good', async () => {
    await call('POST', 'secret/data/db', { data: { a: '1' } });
    expect((await call('DELETE', 'secret/data/db')).status).toBe(204);
    const gone = await call('GET', 'secret/data/db');
    expect(gone).toMatchObject({ status: 404, json: { data: { data: null, metadata: { destroyed: false, version: 1 } } } });
    expect(gone.json.data.metadata.deletion_time).not.toBe('');
    await call('POST', 'secret/undelete/db', { versions: [1] });
    expect((await call('GET', 'secret/data/db')).status).toBe(200);
    await call('POST', 'secret/destroy/db', { versions: [1] });
    expect(await call('GET', 'secret/data/db')).toMatchObject({ status: 404, json: { data: { metadata: { destroyed: true } } } });
    expect((await call('GET', 'secret/metadata/db')).json.data).toMatchObject({ current_version: 1, versions: { 1: { destroyed: true } } });
    await call('DELETE', 'secret/metadata/db');
    expect((await call('GET', 'secret/metadata/db')).status).toBe(404);
  });
});

test('KV version 1 keeps one value per path, with a lease that says when to look again', async () => {
  expect((await call('POST', 'kv/app/db', { password: 'x' })).status).toBe(204);
  expect((await call('GET', 'kv/app/db')).json).toMatchObject({ data: { password: 'x' }, lease_duration: 2_764_800, renewable: false });
  expect(await call('GET', 'kv/app/none')).toEqual({ status: 404, json: { errors: [] } });
});

describe('tokens', () => {
  test('are asked for, bound to paths, and end', async () => {
    const denied = { status: 403, json: { errors: ['permission denied'] } };
    expect(await call('GET', 'secret/data/db', undefined, { 'x-vault-token': 'hvs.other' })).toEqual(denied);
    const narrow = vault.tokens.issue({ paths: ['secret/data/mine'], ttlSeconds: 60 }).value;
    expect(await call('GET', 'secret/data/other', undefined, { 'x-vault-token': narrow })).toEqual(denied);
    expect((await call('GET', 'secret/data/mine', undefined, { 'x-vault-token': narrow })).status).toBe(404);
    expect((await call('GET', 'auth/token/lookup-self', undefined, { 'x-vault-token': narrow })).json.data).toMatchObject({
      ttl: 60,
      renewable: true,
    });
    now += 50_000;
    expect((await call('POST', 'auth/token/renew-self', {}, { 'x-vault-token': narrow })).json.auth).toMatchObject({ lease_duration: 60 });
    now += 50_000;
    expect((await call('GET', 'secret/data/mine', undefined, { 'x-vault-token': narrow })).status).toBe(404);
    now += 60_000;
    expect(await call('GET', 'secret/data/mine', undefined, { 'x-vault-token': narrow })).toEqual(denied);
  });

  test('come from AppRole and Kubernetes logins', async () => {
    vault.addAppRole({ roleId: 'r', secretId: 's', token: { ttlSeconds: 600 } });
    vault.addKubernetesRole({ role: 'shop', jwt: 'j' });
    expect(await call('POST', 'auth/approle/login', { role_id: 'r', secret_id: 'no' })).toEqual({
      status: 400,
      json: { errors: ['invalid role or secret ID'] },
    });
    const { auth } = (await call('POST', 'auth/approle/login', { role_id: 'r', secret_id: 's' })).json;
    expect(auth).toMatchObject({ lease_duration: 600, renewable: true });
    expect((await call('GET', 'secret/data/db', undefined, { 'x-vault-token': auth.client_token })).status).toBe(404);
    expect((await call('POST', 'auth/kubernetes/login', { role: 'shop', jwt: 'wrong' })).status).toBe(403);
    expect((await call('POST', 'auth/kubernetes/login', { role: 'shop', jwt: 'j' })).status).toBe(200);
  });

  test('stay in their namespace', async () => {
    vault.put('secret/data/db', { data: { a: '1' } }, 'ns1');
    expect((await call('GET', 'secret/data/db', undefined, { 'x-vault-namespace': 'ns1' })).status).toBe(200);
    expect((await call('GET', 'secret/data/db')).status).toBe(404);
    const own = vault.tokens.issue({ namespace: 'ns1' }).value;
    expect((await call('GET', 'secret/data/db', undefined, { 'x-vault-token': own })).status).toBe(403);
    expect((await call('GET', 'other/data/db')).json.errors[0]).toContain('no handler for route');
  });
});

test('a sealed server and faults answer as they are told', async () => {
  vault.isSealed = true;
  expect(await call('GET', 'secret/data/db')).toEqual({ status: 503, json: { errors: ['Vault is sealed'] } });
  vault.isSealed = false;
  vault.fault = { path: 'secret/', status: 429, headers: { 'retry-after': '7' }, body: '{"errors":["rate limit quota exceeded"]}' };
  expect(await call('GET', 'secret/data/db')).toEqual({ status: 429, json: { errors: ['rate limit quota exceeded'] } });
  expect((await call('GET', 'kv/db')).status).toBe(404);
});
