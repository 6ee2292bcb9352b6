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
       VALUES ('argocd', 'db', $1, 'dead', clock_timestamp() + interval '1 hour')`,
      [grant!.metadata.uid],
    );
    world.restart();
    await world.settle();
    expect(await world.ready('db')).toEqual({ status: 'none' });
    await world.database.query('UPDATE broker.values SET claimed_until = clock_timestamp()');
    await world.advance(1_000);
    expect(await world.ready('db')).toMatchObject({ status: 'True' });
  });
});
