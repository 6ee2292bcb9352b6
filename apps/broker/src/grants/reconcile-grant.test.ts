import { secretContext, secretStatement } from '@flotilla/contracts';
import { openEnvelope, verifySignature } from '@flotilla/keyring';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BrokerUnderTest } from '../testing/broker-under-test.js';

let world: BrokerUnderTest;
beforeEach(async () => {
  world = await BrokerUnderTest.start();
  await world.file('db.json', JSON.stringify({ username: 'shop', password: 'first', nested: { port: 5432, hosts: ['a', 'b'] } }));
  await world.clusterStore('files', { file: {} });
});
afterEach(() => world.stop());

describe('the value of a grant', () => {
  test('is read, kept sealed, and only its keyed digest is told', async () => {
    await world.external('db');
    await world.settle();
    const status = await world.status('db');
    expect(status).toMatchObject({ version: expect.stringMatching(/^[0-9a-f]{64}$/), store: 'ClusterSecretStore/files' });
    expect(await world.ready('db')).toMatchObject({ status: 'True', reason: 'Synced' });
    expect(await world.value('db')).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: 'shop', name: 'db' },
      type: 'Opaque',
      data: { password: 'first' },
    });
  });

  test('keeps its version as long as it is the same, and gets another when it changes', async () => {
    await world.external('db');
    await world.settle();
    const first = await world.status('db');
    await world.advance(3_600_000);
    const second = await world.status('db');
    expect(second).toMatchObject({ version: first.version, since: first.since });
    expect(second.refreshedAt).not.toBe(first.refreshedAt);
    await world.file('db.json', JSON.stringify({ password: 'second' }));
    await world.advance(3_600_000);
    expect((await world.status('db')).version).not.toBe(first.version);
    expect((await world.value('db')).data).toEqual({ password: 'second' });
  });

  test('is read at once when somebody asks for a rotation', async () => {
    await world.external('db', { refreshInterval: '0' });
    await world.settle();
    await world.file('db.json', JSON.stringify({ password: 'second' }));
    await world.advance(86_400_000);
    expect((await world.value('db')).data).toEqual({ password: 'first' });
    await world.external('db', { refreshInterval: '0' }, { rotateAt: new Date(world.clock.now()).toISOString() });
    await world.settle();
    expect((await world.value('db')).data).toEqual({ password: 'second' });
  });

  test('created once stays what it was, until somebody rotates it', async () => {
    await world.external('db', { refreshPolicy: 'CreatedOnce' });
    await world.settle();
    await world.file('db.json', JSON.stringify({ password: 'second' }));
    await world.clusterStore('files', { file: { directory: '' } });
    await world.advance(86_400_000);
    expect((await world.value('db')).data).toEqual({ password: 'first' });
    await world.external('db', { refreshPolicy: 'CreatedOnce' }, { rotateAt: new Date(world.clock.now()).toISOString() });
    await world.settle();
    expect((await world.value('db')).data).toEqual({ password: 'second' });
  });

  test('is made of extracts, properties and templates', async () => {
    await world.file('app.yaml', 'token: abc\nbad key: x\nlist: [1, 2]\n');
    await world.external('db', {
      dataFrom: [{ extract: { key: 'app.yaml' } }],
      data: [
        { secretKey: 'user', remoteRef: { key: 'db.json', property: 'username' } },
        { secretKey: 'port', remoteRef: { key: 'db.json', property: 'nested.port' } },
        { secretKey: 'host', remoteRef: { key: 'db.json', property: 'nested.hosts.1' } },
      ],
      target: {
        name: 'made',
        immutable: true,
        template: {
          type: 'example.com/dsn',
          mergePolicy: 'Merge',
          metadata: { labels: { user: '{{ .user }}' }, annotations: { 'argocd.argoproj.io/sync-wave': '1', note: 'n' } },
          data: { dsn: 'pg://{{ .user | upper }}@{{ .host }}:{{ .port }}' },
        },
      },
    });
    await world.settle();
    expect(await world.value('db')).toMatchObject({
      type: 'example.com/dsn',
      immutable: true,
      metadata: { name: 'made', labels: { user: 'shop' }, annotations: { note: 'n' } },
      data: { token: 'abc', bad_key: 'x', list: '[1,2]', dsn: 'pg://SHOP@b:5432' },
    });
  });

  test('goes with its grant', async () => {
    await world.external('db');
    await world.settle();
    await world.store.transaction({ actor: 'test' }, (tx) => tx.delete({ kind: 'SecretGrant', namespace: 'argocd', name: 'db' }));
    await world.broker.uses.grant({ kind: 'SecretGrant', namespace: 'argocd', name: 'db' });
    await world.broker.settle();
    expect(await world.database.query('SELECT name FROM broker.values')).toEqual([]);
  });
});

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

describe('several copies', () => {
  test('read one grant once between them, and a restarted one reads nothing that is not due', async () => {
    await world.external('db');
    const other = world.copy();
    const key = { kind: 'SecretGrant', namespace: 'argocd', name: 'db' };
    await Promise.all([world.broker.uses.grant(key), other.uses.grant(key)]);
    await Promise.all([world.broker.settle(), other.settle()]);
    await world.advance(1_000);
    const reads = () => world.log.filter((line) => line.includes('a secret was read')).length;
    expect(reads()).toBe(1);
    world.restart();
    await world.settle();
    expect(reads()).toBe(1);
    expect(await world.ready('db')).toMatchObject({ status: 'True' });
  });

  test('go on after one that was killed between read and seal', async () => {
    await world.external('db');
    const grant = await world.store.get({ kind: 'SecretGrant', namespace: 'argocd', name: 'db' });
    await world.database.query(
      `INSERT INTO broker.values (namespace, name, uid, claimed_by, claimed_until)
       VALUES ('argocd', 'db', $1, 'dead', clock_timestamp() + interval '200 milliseconds')`,
      [grant!.metadata.uid],
    );
    world.restart();
    await world.settle();
    expect(await world.ready('db')).toEqual({ status: 'none' });
    await world.database.query(`SELECT pg_sleep(0.25)`);
    await world.advance(1_000);
    expect(await world.ready('db')).toMatchObject({ status: 'True' });
  });
});

describe('a spoke', () => {
  test('gets what its document grants, sealed to its key and signed', async () => {
    await world.external('db');
    await world.settle();
    await world.release('db');
    const version = (await world.status('db')).version!;
    const { envelopes, refused } = await world.ask({ grant: 'g-db', version });
    expect(refused).toEqual([]);
    const [{ envelope, signature }] = envelopes as [(typeof envelopes)[number]];
    expect(verifySignature(world.keyring.signingKey, secretStatement(world.spoke, 'g-db', version, envelope), signature)).toBe(true);
    const grant = { id: 'g-db', target: { namespace: 'shop', name: 'db' }, version };
    const open = (context: Record<string, string>) => openEnvelope(world.spokeKey.privateKey, JSON.parse(envelope), context);
    const secret = JSON.parse(Buffer.from(await open({ ...secretContext('test', world.spoke, grant) })).toString());
    expect(secret).toMatchObject({ kind: 'Secret', data: { password: Buffer.from('first').toString('base64') } });
    await expect(open({ ...secretContext('test', world.spoke, { ...grant, version: 'other' }) })).rejects.toThrow('does not open');
    await expect(open({ ...secretContext('test', world.spoke, { ...grant, target: { namespace: 'x', name: 'db' } }) })).rejects.toThrow();
  });

  test('gets nothing that its document does not grant, that moved on, or that has no value yet', async () => {
    await world.external('db');
    await world.external('empty', { secretStoreRef: { name: 'none', kind: 'ClusterSecretStore' } });
    await world.settle();
    await world.release('db', 'empty');
    const version = (await world.status('db')).version!;
    const { envelopes, refused } = await world.ask(
      { grant: 'g-foreign', version },
      { grant: 'g-db', version: 'f'.repeat(64) },
      { grant: 'g-empty', version },
    );
    expect(envelopes).toEqual([]);
    expect(refused.map(({ grant, code }) => [grant, code])).toEqual([
      ['g-foreign', 'not-granted'],
      ['g-db', 'moved'],
      ['g-empty', 'unavailable'],
    ]);
  });

  test('gets as much as fits one reply, and asks again for the rest', async () => {
    await world.file('big', 'x'.repeat(150_000));
    for (const name of ['a', 'b', 'c']) await world.external(name, { data: [{ secretKey: 'big', remoteRef: { key: 'big' } }] });
    await world.settle();
    await world.release('a', 'b', 'c');
    const wants = world.granted.map(({ id, version }) => ({ grant: id, version: version! }));
    const reply = await world.ask(...wants);
    expect(Buffer.byteLength(JSON.stringify(reply))).toBeLessThanOrEqual(512 * 1024);
    expect(reply.envelopes.map(({ grant }) => grant)).toEqual(['g-a']);
    expect(reply.refused).toEqual([]);
  });

  test('that the orchestrator does not know gets its refusal', async () => {
    world.bus.serve('orchestrator', 'grants', () => ({ error: { code: 'superseded', message: 'session 1 was superseded' } }));
    const reply = await world.broker.uses.secrets({ spoke: world.spoke, content: { session: 1, wants: [{ grant: 'a', version: 'b' }] } });
    expect(reply).toEqual({ error: { code: 'superseded', message: 'session 1 was superseded' } });
  });
});
