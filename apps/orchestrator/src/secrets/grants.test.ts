import type { SecretGrant } from '@flotilla/contracts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OrchestratorUnderTest } from '../testing/orchestrator-under-test.js';
import { applicationOf, configMap } from '../testing/test-documents.js';

let hub: OrchestratorUnderTest;
const facts = { apiVersions: ['v1', 'v1/Secret', 'apps/v1/Deployment'] };
beforeEach(async () => {
  hub = await OrchestratorUnderTest.start();
  for (const name of ['one', 'two']) {
    await hub.cluster(name);
    await hub.setPhase(name, 'Connected', { facts });
  }
});
afterEach(() => hub.stop());

const external = (name = 'db', spec: object = {}, annotations: object = {}) => ({
  apiVersion: 'external-secrets.io/v1',
  kind: 'ExternalSecret',
  metadata: { name, annotations },
  spec: { secretStoreRef: { name: 'vault' }, target: { name: `${name}-login` }, ...spec },
});
const sealed = (name: string) => ({
  apiVersion: 'bitnami.com/v1alpha1',
  kind: 'SealedSecret',
  metadata: { name },
  spec: { encryptedData: {} },
});

async function release(objects: object[], clusters = ['one', 'two'], commit = 'c1', spec: object = {}): Promise<void> {
  hub.content = () => objects;
  for (const cluster of clusters) await hub.apply(applicationOf(`app-${cluster}`, cluster, { spec }));
  await hub.commit(commit);
  await hub.settle();
}
const grantsOf = (cluster: string) => hub.agents.get(cluster)!.body.grants;
const generationOf = (cluster: string) => hub.agents.get(cluster)!.position?.generation;
const documents = async () => (await hub.store.list<SecretGrant>('SecretGrant')).items;
const conditions = async (name = 'app-one') =>
  (await hub.application('argocd', name))?.status?.conditions?.map(({ message }) => message) ?? [];

async function setVersion(name: string, version: string | undefined): Promise<void> {
  const document = (await hub.store.get<SecretGrant>({ kind: 'SecretGrant', namespace: 'argocd', name }))!;
  await hub.apply({ ...document, status: { ...(version ? { version } : {}), refreshedAt: String(hub.clock.now()) } } as never);
  await hub.settle();
}

describe('a cluster whose secrets the broker gives', () => {
  test('gets a grant in the place of an ExternalSecret, and all clusters share one SecretGrant', async () => {
    await release([external('db', {}, { 'argocd.argoproj.io/sync-wave': '-2' }), configMap('web', '1')]);
    const [document, ...others] = await documents();
    expect(others).toEqual([]);
    expect(document).toMatchObject({
      metadata: { namespace: 'argocd', name: expect.stringMatching(/^db-[0-9a-f]{10}$/) },
      spec: {
        project: 'default',
        from: { kind: 'ExternalSecret', namespace: 'default', name: 'db' },
        target: { namespace: 'default', name: 'db-login' },
      },
    });
    const [one] = grantsOf('one');
    expect(one).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{24}$/),
      app: hub.agents.get('one')!.body.apps[0]!.uid,
      source: document!.metadata.name,
      from: { kind: 'ExternalSecret', namespace: 'default', name: 'db' },
      target: { namespace: 'default', name: 'db-login' },
      wave: -2,
      creationPolicy: 'Owner',
    });
    expect(grantsOf('two')).toMatchObject([{ source: document!.metadata.name }]);
    expect(grantsOf('two')[0]!.id).not.toBe(one!.id);
  });

  test('gets what each creation policy means, and a SealedSecret under its own name', async () => {
    const policies = ['Owner', 'Orphan', 'Merge', 'None'];
    const asking = policies.map((creationPolicy) => external(creationPolicy.toLowerCase(), { target: { creationPolicy } }));
    await release([...asking, sealed('tls')], ['one']);
    expect(Object.fromEntries(grantsOf('one').map(({ target, creationPolicy }) => [target.name, creationPolicy]))).toEqual({
      owner: 'Owner',
      orphan: 'Orphan',
      merge: 'Merge',
      tls: 'Owner',
    });
  });

  test('is not released when a policy does not exist, or when two things write one Secret', async () => {
    await release([external('db', { target: { creationPolicy: 'Ownr' } })], ['one']);
    expect(await conditions()).toEqual([expect.stringContaining('"Ownr" is none of Owner, Orphan, Merge, None')]);
    await release([external('db', { target: { creationPolicy: 'CreateOrMerge' } })], ['one'], 'c1a');
    expect(await conditions()).toEqual([expect.stringContaining('None; Orphan writes the same keys')]);
    await release([external('db'), external('other', { target: { name: 'db-login', creationPolicy: 'Merge' } })], ['one'], 'c2');
    expect(await conditions()).toEqual([expect.stringContaining('writes Secret default/db-login, and so does')]);
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db-login' } };
    await release([external('db'), secret], ['one'], 'c3');
    expect(await conditions()).toEqual([expect.stringContaining('and so does Secret "db-login" of this application')]);
    expect(hub.agents.get('one')!.body.apps).toEqual([]);
  });

  test('may have only what its project permits: what asks, and the Secret', async () => {
    const project = (list: object[]) => ({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AppProject',
      metadata: { name: 'default', namespace: 'argocd' },
      spec: { sourceRepos: ['*'], destinations: [{ name: '*', namespace: '*' }], namespaceResourceWhitelist: list },
    });
    const asking = { group: 'external-secrets.io', kind: 'ExternalSecret' };
    await hub.apply(project([asking]));
    await release([external('db')], ['one']);
    expect(await conditions()).toEqual([expect.stringMatching(/^Secret "db-login": .*not permitted/)]);
    await hub.apply(project([{ group: '', kind: 'Secret' }]));
    await hub.settle();
    expect(await conditions()).toEqual([expect.stringMatching(/ExternalSecret "db": .*not permitted/)]);
    await hub.apply(project([asking, { group: '', kind: 'Secret' }]));
    await hub.settle();
    expect(grantsOf('one')).toHaveLength(1);
  });

  test('turns to it and back when its document or facts say so', async () => {
    await release([external('db')], ['one']);
    expect(grantsOf('one')).toHaveLength(1);
    await hub.setPhase('one', 'Connected', { facts: { apiVersions: [...facts.apiVersions, 'external-secrets.io/v1/ExternalSecret'] } });
    await hub.settle();
    expect(grantsOf('one')).toEqual([]);
    const bundle = hub.agents.get('one')!.body.apps[0]!.bundle;
    const [blob] = await hub.blobs.get([bundle as never]);
    expect(JSON.parse(Buffer.from(blob!.bytes).toString()).items).toMatchObject([{ kind: 'ExternalSecret' }]);
  });
});

describe('a version', () => {
  test('that changes is no release: exactly the clusters whose documents hold it get a new document', async () => {
    await release([external('db')], ['one']);
    hub.content = () => [configMap('web', '1')];
    await hub.apply(applicationOf('app-two', 'two'));
    await hub.settle();
    const releases = (await hub.store.list('Release')).items.length;
    const [{ metadata }] = (await documents()) as [SecretGrant];
    const before = { one: generationOf('one')!, two: generationOf('two')! };
    await setVersion(metadata.name, 'a'.repeat(64));
    expect(grantsOf('one')[0]).toMatchObject({ version: 'a'.repeat(64) });
    await setVersion(metadata.name, 'b'.repeat(64));
    expect(grantsOf('one')[0]).toMatchObject({ version: 'b'.repeat(64) });
    expect([generationOf('one'), generationOf('two')]).toEqual([before.one + 2, before.two]);
    expect((await hub.store.list('Release')).items).toHaveLength(releases);
  });

  test('that stays, or is lost with its document, changes no document', async () => {
    await release([external('db')], ['one']);
    const [{ metadata }] = (await documents()) as [SecretGrant];
    await setVersion(metadata.name, 'a'.repeat(64));
    const generation = generationOf('one');
    await setVersion(metadata.name, 'a'.repeat(64));
    await setVersion(metadata.name, undefined);
    await hub.store.transaction({ actor: 'test' }, (tx) => tx.delete({ kind: 'SecretGrant', namespace: 'argocd', name: metadata.name }));
    await hub.uses.secretGrant({ kind: 'SecretGrant', namespace: 'argocd', name: metadata.name });
    await hub.settle();
    expect(await documents()).toHaveLength(1);
    expect(generationOf('one')).toBe(generation);
    expect(grantsOf('one')[0]?.version).toBe('a'.repeat(64));
  });

  test('that is known when a cluster joins comes with its first document', async () => {
    await release([external('db')], ['one']);
    const [{ metadata }] = (await documents()) as [SecretGrant];
    await setVersion(metadata.name, 'a'.repeat(64));
    await hub.apply(applicationOf('app-two', 'two'));
    await hub.settle();
    expect(grantsOf('two')[0]?.version).toBe('a'.repeat(64));
    expect(generationOf('two')).toBe(1);
  });
});

describe('a SecretGrant', () => {
  const DAY_MS = 24 * 3_600_000;

  const HISTORY = { revisionHistoryLimit: 1 };
  const moveOn = async (): Promise<void> => {
    for (const commit of ['c2', 'c3']) {
      hub.content = () => [configMap('web', commit)];
      await hub.commit(commit);
      await hub.settle();
    }
    hub.clock.advance(DAY_MS);
    await hub.settle();
    await hub.uses.sweepHistory();
    await hub.settle();
    await hub.uses.sweepHistory();
  };

  test('goes when nothing that is kept asks for it', async () => {
    await release([external('db')], ['one'], 'c1', HISTORY);
    expect(await documents()).toHaveLength(1);
    await moveOn();
    expect(await documents()).toEqual([]);
  });

  test('stays while a stored document holds a grant of it', async () => {
    await release([external('db')], ['one'], 'c1', HISTORY);
    await hub.query('DELETE FROM orchestrator.release_secrets');
    hub.clock.advance(DAY_MS);
    await hub.uses.sweepHistory();
    expect(await documents()).toHaveLength(1);
  });

  test('stays while an old release could be rolled back to, and while a release that asks for it was made just now', async () => {
    await release([external('db')], ['one']);
    hub.content = () => [configMap('web', '2')];
    await hub.commit('c2');
    await hub.settle();
    hub.clock.advance(DAY_MS);
    await hub.uses.sweepHistory();
    expect(await documents()).toHaveLength(1);
    expect(grantsOf('one')).toEqual([]);
  });
});
