import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { VaultServer } from '@flotilla/testkit';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { aSignal, faultOf, opened, providerTools, textOf } from '../testing/provider-tools.js';

const CANARY = 'canary-of-the-vault';
let vault: VaultServer;
let tools: ReturnType<typeof providerTools>;
beforeEach(async () => {
  tools = providerTools({ 'creds/secret-id': 's', 'creds/jwt': 'j', 'creds/role-id': 'r' });
  vault = await VaultServer.start({ now: () => tools.clock.now(), mounts: { '': { secret: 2, kv: 1 }, team: { secret: 2 } } });
  vault.put('secret/data/app/db', { data: { password: 'old' } });
  vault.put('secret/data/app/db', { data: { password: CANARY, port: 5432, tags: ['a'], 'dotted.name': 'd', deep: { a: [{ b: 'c' }] } } });
  vault.put('kv/app/db', { password: 'v1' });
});
afterEach(() => vault.stop());

const withToken = (spec: object = {}, token: string = vault.tokens.issue({}).value) => {
  const own = providerTools({ 'creds/token': token }, { clock: tools.clock });
  const auth = { tokenSecretRef: { name: 'creds', key: 'token' } };
  return opened({ vault: { server: vault.url, path: 'secret', auth, ...spec } }, own);
};
const logins = () => vault.requests.filter(({ path }) => path.endsWith('/login')).length;

describe('values', () => {
  test('of KV v2, by property, path and version, however the key is written', async () => {
    const reader = withToken();
    expect(await textOf(reader, 'app/db', 'password')).toBe(CANARY);
    expect(await textOf(reader, 'secret/app/db', 'password', '1')).toBe('old');
    expect(await textOf(reader, 'data/app/db', 'port')).toBe('5432');
    expect(await textOf(reader, 'app/db', 'tags')).toBe('["a"]');
    expect(await textOf(reader, 'app/db', 'dotted.name')).toBe('d');
    expect(await textOf(reader, 'app/db', 'deep.a.0.b')).toBe('c');
    expect(JSON.parse(await textOf(reader, 'app/db'))).toMatchObject({ password: CANARY });
    expect(await textOf(withToken({ path: undefined }), 'secret/app/db', 'port')).toBe('5432');
  });

  test('of KV v1, which keeps no versions', async () => {
    const reader = withToken({ path: 'kv', version: 'v1' });
    expect(await textOf(reader, 'app/db', 'password')).toBe('v1');
    expect(await faultOf(textOf(reader, 'app/db', 'password', '1'))).toMatchObject({ reason: 'SourceInvalid' });
  });

  test('of a namespace', async () => {
    vault.put('secret/data/db', { data: { a: 'in team' } }, 'team');
    expect(await textOf(withToken({ namespace: 'team' }), 'db', 'a')).toBe('in team');
    expect(vault.requests.at(-1)?.namespace).toBe('team');
  });
});

describe('logins', () => {
  test('by AppRole: one for all reads, renewed while it is used, made anew when it ended or was revoked', async () => {
    vault.addAppRole({ roleId: 'r', secretId: 's', token: { ttlSeconds: 600 } });
    const appRole = { roleRef: { name: 'creds', key: 'role-id' }, secretRef: { name: 'creds', key: 'secret-id' } };
    const reader = opened({ vault: { server: vault.url, path: 'secret', auth: { appRole } } }, tools);
    await Promise.all([textOf(reader, 'app/db', 'port'), textOf(reader, 'app/db', 'password')]);
    expect(logins()).toBe(1);
    tools.clock.advance(500_000);
    await textOf(reader, 'app/db', 'port');
    expect(logins()).toBe(1);
    expect(vault.requests.some(({ path }) => path === 'auth/token/renew-self')).toBe(true);
    tools.clock.advance(3_600_000);
    await textOf(reader, 'app/db', 'port');
    expect(logins()).toBe(2);
    vault.tokens.revoke(vault.requests.at(-1)!.token!);
    await textOf(reader, 'app/db', 'port');
    expect(logins()).toBe(3);
  });

  test('by a Kubernetes token in a Secret', async () => {
    vault.addKubernetesRole({ path: 'k8s', role: 'shop', jwt: 'j' });
    const auth = (role: string) => ({ kubernetes: { mountPath: 'k8s', role, secretRef: { name: 'creds', key: 'jwt' } } });
    expect(await textOf(opened({ vault: { server: vault.url, path: 'secret', auth: auth('shop') } }, tools), 'app/db', 'port')).toBe(
      '5432',
    );
    const refused = await faultOf(opened({ vault: { server: vault.url, path: 'secret', auth: auth('none') } }, tools).check(aSignal()));
    expect(refused).toMatchObject({ reason: 'ProviderRefused' });
  });

  test('that the hub cannot make are refused by name', async () => {
    const open = (auth: object) => faultOf((async () => opened({ vault: { server: vault.url, auth } }, tools))());
    const serviceAccountRef = { name: 'external-secrets' };
    expect((await open({ kubernetes: { role: 'r', serviceAccountRef } })).message).toContain('needs secretRef');
    expect((await open({ ldap: {} })).message).toContain('auth.ldap is not supported');
    expect((await open({})).message).toContain('takes one of tokenSecretRef, appRole, kubernetes');
    expect(
      await faultOf(opened({ vault: { server: vault.url, auth: { tokenSecretRef: { name: 'no', key: 'k' } } } }, tools).check(aSignal())),
    ).toMatchObject({ reason: 'CredentialMissing' });
  });

  test('of a token that may not ask for itself still read', async () => {
    const { value } = vault.tokens.issue({ paths: ['secret/data/app'], ttlSeconds: 3_600 });
    vault.fault = { path: 'auth/token/lookup-self', status: 403 };
    expect(await textOf(withToken({}, value), 'app/db', 'port')).toBe('5432');
  });
});

describe('what goes wrong is told by store and key, and never by what the provider sent', () => {
  test.each([
    ['403', { status: 403, body: `{"errors":["${CANARY}"]}` }, 'ProviderRefused', 'refuses access (403)'],
    ['404', { status: 404, body: '{"errors":[]}' }, 'KeyNotFound', 'has no such key'],
    ['429', { status: 429, headers: { 'retry-after': '7' }, body: CANARY }, 'ProviderThrottled', '(429)'],
    ['500', { status: 500, body: CANARY }, 'ProviderFailed', '(500)'],
    ['503', { status: 503, body: CANARY }, 'ProviderFailed', 'is sealed or not available'],
    ['an answer that is none', { status: 200, body: `${CANARY} is no JSON` }, 'ProviderAnswerInvalid', 'not that of a KV v2 engine'],
    ['a bomb of nested JSON', { status: 200, body: '['.repeat(400_000) + ']'.repeat(400_000) }, 'ProviderAnswerInvalid', 'within limits'],
    [
      'a bomb of many values',
      { status: 200, body: `{"data":{"data":{"a":[${'0,'.repeat(200_000)}0]}}}` },
      'ProviderAnswerInvalid',
      'within limits',
    ],
    ['an answer without an end', { status: 200, body: 'x'.repeat(3_000_000) }, 'ProviderAnswerInvalid', 'larger than'],
  ])('%s', async (_, fault, reason, words) => {
    const reader = withToken();
    await textOf(reader, 'app/db', 'port');
    vault.fault = { path: 'secret/', ...fault };
    const told = await faultOf(textOf(reader, 'app/db', 'password'));
    expect(told).toMatchObject({ reason, message: expect.stringContaining(words) });
    expect(told.message).toContain('SecretStore/one, key app/db');
    expect(told.message).not.toContain(CANARY);
    if (reason === 'ProviderThrottled') expect(told.retryAfterMs).toBe(7_000);
  });

  test('a provider that hangs', async () => {
    const reader = withToken();
    await textOf(reader, 'app/db', 'port');
    vault.fault = { path: 'secret/', hang: true };
    const soon = AbortSignal.timeout(100);
    expect(await faultOf(reader.read({ key: 'app/db' }, soon))).toMatchObject({ reason: 'ProviderUnreachable' });
  });

  test('a version that was deleted, or destroyed, or never was', async () => {
    const admin = { method: 'POST', headers: { 'x-vault-token': vault.tokens.issue({}).value } };
    const reader = withToken();
    await fetch(`${vault.url}/v1/secret/data/app/db`, { ...admin, method: 'DELETE' });
    expect((await faultOf(textOf(reader, 'app/db', 'password'))).message).toContain('the newest version was deleted; undelete it');
    await fetch(`${vault.url}/v1/secret/destroy/app/db`, { ...admin, body: '{"versions":[1]}' });
    expect((await faultOf(textOf(reader, 'app/db', 'password', '1'))).message).toContain('version 1 was destroyed');
    expect((await faultOf(textOf(reader, 'app/db', 'password', '9'))).message).toContain('no version 9');
  });

  test('a redirect to another host, or to an address nobody may reach: the token goes nowhere', async () => {
    const heard: unknown[] = [];
    const other = createServer((request, response) => {
      heard.push(request.headers);
      response.end('{}');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const reader = withToken();
    await textOf(reader, 'app/db', 'port');
    for (const location of [
      `http://127.0.0.1:${(other.address() as AddressInfo).port}/`,
      'http://169.254.169.254/latest',
      'http://10.0.0.1/',
    ]) {
      vault.fault = { path: 'secret/', status: 307, headers: { location } };
      expect(await faultOf(textOf(reader, 'app/db', 'port'))).toMatchObject({ reason: 'ProviderRefused' });
    }
    expect(heard).toEqual([]);
    const inside = opened({ vault: { server: 'http://169.254.169.254', auth: { tokenSecretRef: { name: 'creds', key: 'jwt' } } } }, tools);
    expect((await faultOf(inside.check(aSignal()))).message).toContain('may not reach');
    await new Promise((resolve) => other.close(resolve));
  });

  test('a key that leads elsewhere', async () => {
    for (const key of ['../sys/mounts', 'a/../../b', './x'])
      expect(await faultOf(textOf(withToken(), key))).toMatchObject({ reason: 'SourceInvalid' });
    expect(vault.requests.filter(({ path }) => path.startsWith('secret'))).toEqual([]);
  });
});
