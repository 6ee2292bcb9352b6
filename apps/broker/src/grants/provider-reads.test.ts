import { VaultServer } from '@flotilla/testkit';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { BrokerUnderTest } from '../testing/broker-under-test.js';

const CANARY = 'canary-0c9f4e7d-of-the-provider';
let world: BrokerUnderTest;
let vault: VaultServer;
beforeEach(async () => {
  world = await BrokerUnderTest.start();
  vault = await VaultServer.start();
  vault.put('secret/data/db', { data: { username: 'shop', password: CANARY } });
  await world.secret('vaults', 'token', { token: `${vault.tokens.issue({}).value}\n` });
  const auth = { tokenSecretRef: { name: 'token', key: 'token', namespace: 'vaults' } };
  await world.clusterStore('files', { vault: { server: vault.url, path: 'secret', auth } });
});
afterEach(async () => {
  await world.stop();
  await vault.stop();
});

const reads = () => vault.requests.filter(({ path }) => path === 'secret/data/db').length;
const ref = (property: string) => ({ secretKey: property, remoteRef: { key: 'db', property } });

test('one read serves every grant of a refresh, whatever property it asks for', async () => {
  for (let i = 0; i < 20; i++) await world.external(`grant-${i}`, { data: [ref('username'), ref('password')] });
  await world.settle();
  expect(reads()).toBe(1);
  for (let i = 0; i < 20; i++) expect((await world.value(`grant-${i}`)).data).toEqual({ username: 'shop', password: CANARY });
  await world.advance(3_600_000);
  expect(reads()).toBe(2);
});

test('a rotation takes nothing that was read before it was asked for', async () => {
  await world.external('db', { data: [ref('password')] });
  await world.settle();
  vault.put('secret/data/db', { data: { password: 'second' } });
  world.clock.advance(1_000);
  await world.external('db', { data: [ref('password')] }, { rotateAt: new Date(world.clock.now()).toISOString() });
  await world.settle();
  expect(reads()).toBe(2);
  expect((await world.value('db')).data).toEqual({ password: 'second' });
});

test('a secret that is rotated twice quickly ends with the last value, whatever was being read meanwhile', async () => {
  await world.external('db', { data: [ref('password')] });
  await world.settle();
  const key = { kind: 'SecretGrant', namespace: 'argocd', name: 'db' };
  for (const password of ['second', 'third']) {
    vault.put('secret/data/db', { data: { password } });
    world.clock.advance(10);
    await world.external('db', { data: [ref('password')] }, { rotateAt: new Date(world.clock.now()).toISOString() });
    await world.broker.uses.grant(key);
  }
  await world.settle();
  expect((await world.value('db')).data).toEqual({ password: 'third' });
  expect(await world.ready('db')).toMatchObject({ status: 'True' });
});

test('a changed credential, and a changed store, are used at once', async () => {
  await world.secret('vaults', 'token', { token: 'hvs.wrong' });
  await world.external('db', { data: [ref('password')] });
  await world.settle();
  expect(await world.ready('db')).toMatchObject({ status: 'False', reason: 'ProviderRefused' });
  await world.secret('vaults', 'token', { token: vault.tokens.issue({}).value });
  await world.settle();
  expect(await world.ready('db')).toMatchObject({ status: 'True' });
  await world.clusterStore('files', {
    vault: { server: vault.url, path: 'other', auth: { tokenSecretRef: { name: 'none', key: 'k', namespace: 'v' } } },
  });
  await world.settle();
  expect(await world.ready('db')).toMatchObject({ status: 'False', reason: 'CredentialMissing' });
  expect((await world.value('db')).data).toEqual({ password: CANARY });
});

test('a provider that is down: the last value stays, is handed out, and is read again with growing pauses', async () => {
  await world.external('db', { data: [ref('password')] });
  await world.settle();
  const { version } = await world.status('db');
  vault.fault = { path: 'secret/', status: 503 };
  await world.advance(3_600_000);
  const since = new Date(world.clock.now()).toISOString();
  for (let i = 0; i < 5; i++) await world.advance(60_000);
  const ready = (await world.status('db')).conditions?.[0];
  expect(ready).toMatchObject({ status: 'False', reason: 'ProviderFailed', lastTransitionTime: since });
  expect(reads()).toBeGreaterThan(3);
  await world.release('db');
  expect((await world.ask({ grant: 'g-db', version: version! })).envelopes).toHaveLength(1);
  vault.fault = undefined;
  await world.advance(300_000);
  expect(await world.ready('db')).toMatchObject({ status: 'True' });
  expect((await world.status('db')).version).toBe(version);
});

test('a provider that asks to be left alone is', async () => {
  vault.fault = { path: 'secret/', status: 429, headers: { 'retry-after': '120' } };
  await world.external('db', { data: [ref('password')] });
  await world.settle();
  expect(await world.ready('db')).toMatchObject({ reason: 'ProviderThrottled' });
  vault.fault = undefined;
  await world.advance(119_000);
  expect(reads()).toBe(1);
  await world.advance(1_000);
  expect(await world.ready('db')).toMatchObject({ status: 'True' });
});

test('the value is nowhere in clear: not in PostgreSQL, logs, messages, events or errors', async () => {
  await world.external('db', { data: [ref('password')], target: { template: { data: { dsn: 'pg://{{ .password }}@db' } } } });
  await world.external('bad', { data: [ref('password')], target: { template: { data: { n: '{{ .password | atoi | add1 | fail }}' } } } });
  await world.external('missing', { data: [{ secretKey: 'x', remoteRef: { key: 'db', property: 'none' } }] });
  await world.settle();
  await world.release('db');
  const version = (await world.status('db')).version!;
  const heard: unknown[] = [await world.ask({ grant: 'g-db', version }), world.bus.emitted, world.bus.told];
  vault.fault = { path: 'secret/', status: 500, body: `{"errors":["${CANARY}"]}` };
  await world.advance(3_600_000);
  const tables = await world.database.query<{ place: string }>(
    `SELECT format('%I.%I', schemaname, tablename) AS place FROM pg_tables WHERE schemaname IN ('broker', 'resources')`,
  );
  for (const { place } of tables) heard.push(await world.database.query(`SELECT t::text AS row FROM ${place} t`));
  const changes = await Promise.all(
    ['db', 'bad', 'missing'].map((name) => world.store.history({ kind: 'SecretGrant', namespace: 'argocd', name })),
  );
  const text = JSON.stringify([heard, changes, world.log]);
  expect(text.length).toBeGreaterThan(5_000);
  expect(tables.length).toBeGreaterThan(3);
  for (const encoding of ['utf8', 'base64', 'hex'] as const) {
    // base64 of the value without its last group, which depends on what follows it.
    const needle = Buffer.from(CANARY)
      .toString(encoding)
      .slice(0, encoding === 'base64' ? -4 : undefined);
    expect(text).not.toContain(needle);
  }
});
