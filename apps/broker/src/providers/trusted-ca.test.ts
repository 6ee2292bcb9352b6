import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createAuthority, issueServerCertificate } from '@flotilla/tls';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BrokerUnderTest } from '../testing/broker-under-test.js';
import { aSignal, faultOf, opened, providerTools, textOf } from '../testing/provider-tools.js';
import { trustedCa } from './trusted-ca.js';

const now = Date.now();
let server: Server;
let url: string;
let authority: string;
let other: string;
beforeEach(async () => {
  const own = await createAuthority('the provider', now);
  const pair = await issueServerCertificate(own, ['127.0.0.1'], now);
  authority = own.certificate;
  other = (await createAuthority('another', now)).certificate;
  const answers: Record<string, string> = {
    '/v1/auth/token/lookup-self': '{"data":{"ttl":0}}',
    '/v1/secret/data/db': '{"data":{"data":{"password":"v"}}}',
  };
  server = createServer({ cert: pair.certificate, key: pair.key }, ({ url: path = '' }, response) => response.end(answers[path] ?? 'v'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterEach(() => new Promise((resolve) => server.close(resolve)));

const vault = (trust: object) => ({
  vault: { server: url, path: 'secret', auth: { tokenSecretRef: { name: 'creds', key: 'token' } }, ...trust },
});
const webhook = (trust: object) => ({ webhook: { url: `${url}/{{ .remoteRef.key }}`, ...trust } });
const from = (type: 'Secret' | 'ConfigMap', key = 'ca.crt', more: object = {}) => ({ caProvider: { type, name: 'ca', key, ...more } });
const tools = (secrets: Record<string, string>) => providerTools({ 'creds/token': 't', ...secrets });

describe.each([
  ['vault', vault, 'password'],
  ['webhook', webhook, undefined],
] as const)('provider %s', (name, spec, property) => {
  const read = (trust: object, secrets: Record<string, string> = {}) => textOf(opened(spec(trust), tools(secrets)), 'db', property);

  test('trusts the authority that caProvider or caBundle names, and the bundle where both do', async () => {
    expect(await read(from('Secret'), { 'ca/ca.crt': authority })).toBe('v');
    expect(await read(from('ConfigMap'), { 'ca/ca.crt': `text before\n${other}${authority}` })).toBe('v');
    const caBundle = Buffer.from(authority).toString('base64');
    expect(await read({ caBundle })).toBe('v');
    expect(await read({ caBundle, ...from('Secret') }, { 'ca/ca.crt': other })).toBe('v');
  });

  test('trusts no other one', async () => {
    expect(await faultOf(read(from('Secret'), { 'ca/ca.crt': other }))).toMatchObject({ reason: 'ProviderUnreachable' });
    expect(await faultOf(read({}))).toMatchObject({ reason: 'ProviderUnreachable' });
  });

  test('fails, and falls back on nothing, where the authority cannot be read', async () => {
    const check = (trust: object, secrets: Record<string, string> = {}) => faultOf(opened(spec(trust), tools(secrets)).check(aSignal()));
    expect(await check(from('ConfigMap'))).toMatchObject({
      reason: 'CredentialMissing',
      message: expect.stringContaining('ConfigMap ca/ca.crt'),
    });
    for (const bad of ['', 'no PEM', '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----', authority.replace('-----END', '')]) {
      const { reason, message } = await check(from('Secret'), { 'ca/ca.crt': bad });
      expect(reason).toBe('StoreInvalid');
      expect(message).toContain(`SecretStore/one: spec.provider.${name}.caProvider: Secret shop/ca, key ca.crt`);
    }
    expect((await check({ caBundle: 'bm8gUEVN' })).message).toContain('caBundle holds no PEM certificate');
    expect(() => opened(spec({ caProvider: { type: 'File', name: 'ca', key: 'k' } }))).toThrow('caProvider.type');
  });
});

test('an authority is of bounded size, and a text that opens many certificates and closes none is read in one go', async () => {
  const of = (text: string) => trustedCa({ caProvider: { type: 'Secret', name: 'ca', key: 'k' } }, 'spec', tools({ 'ca/k': text }));
  expect((await faultOf(of(' '.repeat(600_000)))).message).toContain('is larger than 524288 bytes');
  expect((await faultOf(of('-----BEGIN CERTIFICATE-----'.repeat(19_000)))).message).toContain('certificate 1 cannot be read');
});

describe('a store with a caProvider', () => {
  let hub: BrokerUnderTest;
  beforeEach(async () => {
    hub = await BrokerUnderTest.start();
  });
  afterEach(() => hub.stop());

  const map = (namespace: string, text: string) =>
    hub.apply({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name: 'ca' }, data: { 'ca.crt': text } });
  const condition = async (kind: string, namespace: string) => {
    const store = await hub.store.get({ kind, namespace, name: 'files' });
    return (store!.status as { conditions: { status: string; message: string }[] }).conditions[0]!;
  };

  test('says what is missing by object and key, and follows it: status, and values of grants', async () => {
    await hub.clusterStore('files', webhook(from('ConfigMap', 'ca.crt', { namespace: 'argocd' })));
    await hub.external('db', { data: [{ secretKey: 'password', remoteRef: { key: 'db' } }] });
    await hub.settle();
    const ready = () => condition('ClusterSecretStore', '');
    expect(await ready()).toMatchObject({
      status: 'False',
      message: expect.stringContaining('ConfigMap argocd/ca does not exist on the hub; its key ca.crt'),
    });
    expect((await hub.ready('db')).message).toContain('ConfigMap argocd/ca');
    await map('argocd', authority);
    await hub.settle();
    expect(await ready()).toMatchObject({ status: 'True' });
    expect(await hub.ready('db')).toMatchObject({ status: 'True' });
    await map('argocd', 'broken');
    await hub.settle();
    expect(await ready()).toMatchObject({
      status: 'False',
      message: expect.stringContaining('ConfigMap argocd/ca, key ca.crt holds no PEM'),
    });
    expect(await hub.ready('db')).toMatchObject({ status: 'False', message: expect.stringContaining('is kept') });
    expect((await hub.value('db')).data).toEqual({ password: 'v' });
  });

  test('of a namespace reads there only', async () => {
    const store = (namespace?: string) =>
      hub.apply({
        apiVersion: 'external-secrets.io/v1',
        kind: 'SecretStore',
        metadata: { namespace: 'shop', name: 'files' },
        spec: { provider: webhook(from('ConfigMap', 'ca.crt', namespace ? { namespace } : {})) },
      });
    await map('argocd', authority);
    await store();
    await hub.settle();
    expect((await condition('SecretStore', 'shop')).message).toContain('ConfigMap shop/ca does not exist');
    await store('argocd');
    await hub.settle();
    expect((await condition('SecretStore', 'shop')).message).toContain('of its own namespace only');
  });
});
