import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BrokerUnderTest } from '../testing/broker-under-test.js';

let world: BrokerUnderTest;
beforeEach(async () => {
  world = await BrokerUnderTest.start();
  await world.file('db.json', JSON.stringify({ username: 'shop', password: 'first', nested: { port: 5432, hosts: ['a', 'b'] } }));
  await world.clusterStore('files', { file: {} });
});
afterEach(() => world.stop());

describe('what cannot be read is said by store, key and property, and nothing is lost', () => {
  const fails = async (name: string, reason: string, ...words: string[]) => {
    const ready = await world.ready(name);
    expect(ready).toMatchObject({ status: 'False', reason });
    for (const word of words) expect(ready.message).toContain(word);
    expect(ready.message).not.toContain('first');
  };

  test('a store that does not exist yet', async () => {
    await world.external('db', { secretStoreRef: { name: 'azure-keyvault', kind: 'SecretStore' } });
    await world.settle();
    await fails('db', 'StoreNotFound', 'SecretStore/azure-keyvault does not exist in namespace argocd');
    await world.apply({
      apiVersion: 'external-secrets.io/v1',
      kind: 'SecretStore',
      metadata: { namespace: 'argocd', name: 'azure-keyvault' },
      spec: { provider: { file: {} } },
    });
    await world.file('argocd/db.json', JSON.stringify({ password: 'of the namespace' }));
    await world.settle();
    expect((await world.value('db')).data).toEqual({ password: 'of the namespace' });
  });

  test('a provider that is not built in', async () => {
    await world.clusterStore('aws', { aws: { service: 'SecretsManager' } });
    await world.external('db', { secretStoreRef: { name: 'aws', kind: 'ClusterSecretStore' } });
    await world.settle();
    await fails('db', 'ProviderUnknown', 'provider aws is not built in; known: file, vault, webhook');
    const store = await world.store.get({ kind: 'ClusterSecretStore', namespace: '', name: 'aws' });
    expect(store?.status).toMatchObject({ conditions: [{ type: 'Ready', status: 'False', reason: 'ProviderUnknown' }] });
  });

  test('a missing property, later a missing key: the last good value stays and the condition says since when', async () => {
    await world.external('db');
    await world.settle();
    const { version, refreshedAt } = await world.status('db');
    await world.file('db.json', JSON.stringify({ other: 'first' }));
    await world.advance(3_600_000);
    await fails('db', 'PropertyNotFound', 'ClusterSecretStore/files', 'key db.json', 'property password', `read at ${refreshedAt} is kept`);
    expect((await world.status('db')).version).toBe(version);
    const since = (await world.status('db')).conditions?.[0]?.lastTransitionTime;
    await world.advance(600_000);
    expect((await world.status('db')).conditions?.[0]?.lastTransitionTime).toBe(since);
    await world.file('db.json', JSON.stringify({ password: 'first' }));
    await world.advance(600_000);
    expect(await world.ready('db')).toMatchObject({ status: 'True' });
    expect((await world.status('db')).version).toBe(version);
  });

  test('a template that fails', async () => {
    await world.external('db', { target: { template: { data: { dsn: 'x{{ .missing }}' } } } });
    await world.external('other', { target: { template: { data: { n: '{{ .password | mustToDate "2006" | required "first" }}' } } } });
    await world.settle();
    await fails('db', 'TemplateFailed', 'spec.target.template.data.dsn', 'line 1');
    await fails('other', 'TemplateFailed', 'spec.target.template.data.n');
  });

  test('an object that is no ExternalSecret the broker can read', async () => {
    await world.external('db', { dataFrom: [{ find: { path: 'x' } }] });
    await world.settle();
    await fails('db', 'SourceInvalid', 'spec.dataFrom[0].find is not supported');
  });

  test('a Secret that is too large for one reply', async () => {
    await world.file('big', 'x'.repeat(400_000));
    await world.external('db', { data: [{ secretKey: 'big', remoteRef: { key: 'big' } }] });
    await world.settle();
    await fails('db', 'SecretTooLarge', 'at most');
  });

  test('a store that does not serve the project any more is not asked, and its value is not handed out', async () => {
    await world.external('db', {}, { project: 'team-a' });
    await world.settle();
    await world.release('db');
    const version = (await world.status('db')).version!;
    await world.clusterStore('files', { file: {} }, { annotations: { 'flotilla.dev/projects': 'team-b, ops-*' } });
    await world.settle();
    await fails('db', 'StoreForbidden', 'does not serve project team-a');
    expect((await world.ask({ grant: 'g-db', version })).refused).toEqual([expect.objectContaining({ code: 'unavailable' })]);
    await world.clusterStore('files', { file: {} }, { annotations: { 'flotilla.dev/projects': 'team-*' } });
    await world.settle();
    expect((await world.ask({ grant: 'g-db', version })).envelopes).toHaveLength(1);
  });

  test('a store whose conditions name other namespaces', async () => {
    await world.clusterStore('files', { file: {} }, {}, { conditions: [{ namespaces: ['bank'] }, { namespaceRegexes: ['team-.*'] }] });
    await world.external('db');
    await world.settle();
    await fails('db', 'StoreForbidden', 'does not serve namespace shop');
    await world.clusterStore('files', { file: {} }, {}, { conditions: [{ namespaceRegexes: ['sh.p'] }] });
    await world.settle();
    expect(await world.ready('db')).toMatchObject({ status: 'True' });
  });
});
