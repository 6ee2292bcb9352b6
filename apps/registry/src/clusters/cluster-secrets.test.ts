import { CONTROL_NAMESPACE, type Secret } from '@flotilla/contracts';
import { isSpokeId, UnavailableError } from '@flotilla/kernel';
import { waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hello, RegistryUnderTest, testKeyring } from '../testing/registry-under-test.js';

let registry: RegistryUnderTest;

beforeAll(async () => {
  registry = await RegistryUnderTest.start();
});
afterAll(() => registry?.stop());

const phase = (name: string, wanted: string) =>
  waitFor(`cluster ${name} to be ${wanted}`, async () => (await registry.cluster(name))?.status?.phase === wanted, 8_000);

describe('an Argo cluster Secret', () => {
  const secret = (name: string, values: Record<string, string>, labels: Record<string, string> = {}): Secret => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace: CONTROL_NAMESPACE, labels: { 'argocd.argoproj.io/secret-type': 'cluster', ...labels } },
    data: Object.fromEntries(
      Object.entries(values).map(([key, value]) => [
        key,
        testKeyring.seal(Buffer.from(value), { kind: 'Secret', namespace: CONTROL_NAMESPACE, name, key }),
      ]),
    ),
  });
  const write = (document: Secret) => registry.platform.store.transaction({ actor: 'test' }, (tx) => tx.create(document));
  const conditions = async (name: string) => (await registry.cluster(name))?.status?.conditions?.map(({ type }) => type).sort();

  it('registers a cluster, drops the credentials with a warning and tells of duplicate names', async () => {
    const labels = { environment: 'production', region: 'us-east-1' };
    await write(
      secret('prod-cluster-east', { name: 'prod-east', server: 'https://prod-east.example.com', config: '{"bearerToken":"t0p"}' }, labels),
    );
    await phase('prod-cluster-east', 'Unknown');
    expect(await registry.cluster('prod-cluster-east')).toMatchObject({
      metadata: { labels },
      spec: { name: 'prod-east', server: 'https://prod-east.example.com' },
    });
    expect(await conditions('prod-cluster-east')).toEqual(['CredentialsDropped']);
    await write(secret('spoke-cluster-east', { name: 'prod-east', server: 'https://spoke-east.example.com' }));
    await waitFor('both to be marked', async () => (await conditions('prod-cluster-east'))?.length === 2);
    expect(await conditions('spoke-cluster-east')).toEqual(['DuplicateName']);
    expect(JSON.stringify(await registry.cluster('prod-cluster-east'))).not.toContain('t0p');
  });

  it('takes over the agent of an enrolled cluster that runs nothing', async () => {
    await write(secret('legacy', { name: 'legacy', server: 'https://legacy.example.com' }));
    await phase('legacy', 'Unknown');
    const agent = await registry.addCluster('fresh');
    registry.positionOf = () => {
      throw new UnavailableError('no database');
    };
    await expect(registry.bus.ask('registry', 'bind', { from: 'fresh', to: 'legacy' }, { timeoutMs: 60_000 })).rejects.toMatchObject({
      code: 'unavailable',
    });
    registry.positionOf = () => ({ epoch: 1, generation: 3 });
    await expect(registry.bus.ask('registry', 'bind', { from: 'fresh', to: 'legacy' }, { timeoutMs: 60_000 })).rejects.toMatchObject({
      code: 'conflict',
    });
    registry.positionOf = () => ({});
    await registry.bus.ask('registry', 'bind', { from: 'fresh', to: 'legacy' }, { timeoutMs: 60_000 });
    expect(await registry.cluster('fresh')).toBeUndefined();
    expect((await registry.cluster('legacy'))?.spec).toMatchObject({
      spokeId: agent.enrolled.spokeId,
      server: 'https://legacy.example.com',
    });
    const spoke = await registry.dial(agent);
    expect(await hello(spoke)).toMatchObject({ cluster: 'legacy' });
    await phase('legacy', 'Connected');
    await spoke.close();
  });

  it('goes with its Secret only where no agent is bound to it', async () => {
    await write(secret('leaving', { name: 'leaving', server: 'https://leaving.example.com' }));
    await phase('leaving', 'Unknown');
    const remove = (name: string) =>
      registry.platform.store.transaction({ actor: 'test' }, (tx) => tx.delete({ kind: 'Secret', namespace: CONTROL_NAMESPACE, name }));
    const bound = (await registry.cluster('legacy'))?.spec.spokeId;
    expect(isSpokeId(bound)).toBe(true);
    await remove('leaving');
    await remove('legacy');
    await waitFor('the cluster to go', async () => (await registry.cluster('leaving')) === undefined);
    await waitFor(
      'the other to be released',
      async () => !(await registry.cluster('legacy'))?.metadata.annotations?.['flotilla.dev/cluster-secret'],
    );
    expect((await registry.cluster('legacy'))?.spec.spokeId).toBe(bound);
  });

  it('that goes by mistake leaves its cluster as long as applications go to it, and finds it again', async () => {
    const returning = () => secret('returning', { name: 'back', server: 'https://back.example.com' });
    await write(returning());
    await phase('returning', 'Unknown');
    const { store } = registry.platform;
    const application = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'Application',
      metadata: { name: 'web', namespace: CONTROL_NAMESPACE },
      spec: { project: 'default', destination: { name: 'back', namespace: 'n' } },
    };
    await store.transaction({ actor: 'test' }, (tx) => tx.create(application));
    await store.transaction({ actor: 'test' }, (tx) => tx.delete({ kind: 'Secret', namespace: CONTROL_NAMESPACE, name: 'returning' }));
    await waitFor('it to be held', async () => (await conditions('returning'))?.includes('DeletionHeld') === true);
    expect((await registry.cluster('returning'))?.metadata.deletionTimestamp).toBeUndefined();
    await write(returning());
    await waitFor('the hold to end', async () => (await conditions('returning'))?.includes('DeletionHeld') === false);
    await store.transaction({ actor: 'test' }, (tx) => tx.delete({ kind: 'Secret', namespace: CONTROL_NAMESPACE, name: 'returning' }));
    await waitFor('it to be held again', async () => (await conditions('returning'))?.includes('DeletionHeld') === true);
    await store.transaction({ actor: 'test' }, (tx) => tx.delete({ kind: 'Application', namespace: CONTROL_NAMESPACE, name: 'web' }));
    await waitFor('it to go with its last application', async () => (await registry.cluster('returning')) === undefined);
  });
});
