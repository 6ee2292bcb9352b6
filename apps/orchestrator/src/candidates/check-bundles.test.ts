import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OrchestratorUnderTest } from '../testing/orchestrator-under-test.js';
import { applicationOf, configMap } from '../testing/test-documents.js';

let hub: OrchestratorUnderTest;
beforeEach(async () => {
  hub = await OrchestratorUnderTest.start();
  await hub.cluster('one');
});
afterEach(() => hub.stop());

const project = (spec: object = {}, name = 'team') => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name, namespace: 'argocd' },
  spec: { sourceRepos: ['*'], destinations: [{ name: '*', namespace: 'team-*' }], ...spec },
});
const tenant = (metadata: object = {}) => ({ apiVersion: 'x.io/v1', kind: 'Tenant', metadata: { name: 'acme', ...metadata } });
const definition = (scope: string, group = 'x.io') => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `tenants.${group}` },
  spec: { group, scope, names: { kind: 'Tenant', plural: 'tenants' }, versions: [] },
});
const DEFINITIONS = { group: 'apiextensions.k8s.io', kind: 'CustomResourceDefinition' };
const TENANTS = { group: 'x.io', kind: 'Tenant' };

async function release(objects: object[], { name = 'app', project = 'team' } = {}): Promise<string[]> {
  const before = hub.content;
  hub.content = (application, commit) => (application === name ? objects : before(application, commit));
  await hub.apply(applicationOf(name, 'one', { spec: { project, destination: { name: 'one', namespace: 'team-a' } } }));
  await hub.commit('c1');
  await hub.settle();
  return conditions(name);
}
const conditions = async (name = 'app'): Promise<string[]> =>
  (await hub.application('argocd', name))?.status?.conditions?.map(({ type, message }) => `${type} ${message}`) ?? [];
const assigned = () => hub.agents.get('one')!.body.apps.map(({ name }) => name);
const report = (facts: object) => hub.setPhase('one', 'Connected', { facts });

describe('a project that permits no cluster-scoped kind', () => {
  test('refuses a custom resource whose definition in the same bundle says Cluster, also when it names a namespace', async () => {
    await hub.apply(project({ clusterResourceWhitelist: [DEFINITIONS] }));
    const [said] = await release([definition('Cluster'), tenant({ namespace: 'team-a' })]);
    expect(said).toContain('x.io/Tenant "acme": x.io/Tenant is not permitted in project team');
    expect(said).toContain('clusterResourceWhitelist');
    expect(assigned()).toEqual([]);
  });

  test('permits one whose definition says Namespaced', async () => {
    await hub.apply(project({ clusterResourceWhitelist: [DEFINITIONS] }));
    expect(await release([definition('Namespaced'), tenant()])).toEqual([]);
    expect(assigned()).toEqual(['app']);
  });

  test('refuses a built-in cluster kind that pretends to be in a namespace', async () => {
    await hub.apply(project());
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'all', namespace: 'team-a' } };
    expect(await release([role])).toEqual([
      expect.stringContaining('ClusterRole "all": rbac.authorization.k8s.io/ClusterRole is not permitted'),
    ]);
  });

  test('waits with a custom resource nobody knows, names object, cause and remedy, and takes what the agent reports', async () => {
    await hub.apply(project());
    const [said] = await release([tenant()]);
    expect(said).toMatch(
      /^UnknownKindScope x\.io\/Tenant "acme": nobody knows whether its kind is namespaced or cluster-scoped on cluster one/,
    );
    expect(said).toContain('clusterResourceWhitelist');
    expect(said).toContain('Release its CustomResourceDefinition to the cluster');
    expect(assigned()).toEqual([]);
    await report({ apiVersions: ['x.io/v1', 'x.io/v1/Tenant'], clusterKinds: ['/Node'] });
    await hub.settle();
    expect(await conditions()).toEqual([]);
    expect(assigned()).toEqual(['app']);
  });

  test('refuses it for good when the agent reports it as cluster-scoped', async () => {
    await hub.apply(project());
    await report({ apiVersions: ['x.io/v1', 'x.io/v1/Tenant'], clusterKinds: ['/Node', 'x.io/Tenant'] });
    expect(await release([tenant()])).toEqual([expect.stringMatching(/^ComparisonError x\.io\/Tenant "acme": .*clusterResourceWhitelist/)]);
  });

  test('believes a definition that another application released to the same cluster, from the moment it is released', async () => {
    await hub.apply(project());
    expect(await release([tenant()])).toEqual([expect.stringContaining('UnknownKindScope')]);
    expect(await release([definition('Namespaced')], { name: 'operator', project: 'default' })).toEqual([]);
    await hub.settle();
    expect(assigned().sort()).toEqual(['app', 'operator']);
  });

  test('believes nobody when definition and cluster contradict each other', async () => {
    await hub.apply(project({ clusterResourceWhitelist: [DEFINITIONS] }));
    await report({ apiVersions: ['x.io/v1', 'x.io/v1/Tenant'], clusterKinds: ['x.io/Tenant'] });
    expect(await release([definition('Namespaced'), tenant()])).toEqual([expect.stringContaining('UnknownKindScope')]);
    expect(assigned()).toEqual([]);
  });
});

test('a kind of unknown scope passes where the project permits it both ways, and is refused where it permits neither', async () => {
  await hub.apply(project({ clusterResourceWhitelist: [TENANTS] }));
  expect(await release([tenant()])).toEqual([]);
  await hub.apply(project({ clusterResourceWhitelist: [TENANTS], namespaceResourceBlacklist: [TENANTS] }));
  await hub.settle();
  expect(await conditions()).toEqual([expect.stringContaining('UnknownKindScope')]);
  await hub.apply(project({ namespaceResourceBlacklist: [TENANTS] }));
  await hub.settle();
  expect(await conditions()).toEqual([expect.stringMatching(/^ComparisonError .*namespaceResourceBlacklist names it/)]);
  expect(assigned()).toEqual(['app']);
});

test('an object may name another namespace only if its project permits that one too', async () => {
  await hub.apply(project());
  const placed = (namespace: string) => [{ ...configMap('c', 'x'), metadata: { name: 'c', namespace } }];
  expect(await release(placed('team-b'))).toEqual([]);
  expect(await release(placed('kube-system'))).toEqual([
    expect.stringMatching(/^ComparisonError ConfigMap "c": destination one\/kube-system is not permitted/),
  ]);
});

test('a cluster that has not told its kinds holds nobody else of the set', async () => {
  await hub.cluster('two');
  await report({ apiVersions: ['x.io/v1', 'x.io/v1/Tenant'], clusterKinds: ['/Node'] });
  await hub.apply(project({ destinations: [{ name: '*', namespace: '*' }] }));
  hub.content = () => [tenant()];
  await hub.applySet('web', { 'flotilla.dev/rollout-policy': 'guarded' }, { one: {}, two: {} }, { project: 'team' });
  await hub.commit('c1');
  await hub.settle();
  expect(assigned()).toEqual(['web-one']);
  expect(await conditions('web-two')).toEqual([expect.stringContaining('UnknownKindScope')]);
  await hub.setPhase('two', 'Connected', { facts: { apiVersions: ['x.io/v1', 'x.io/v1/Tenant'], clusterKinds: [] } });
  await hub.settle();
  expect(hub.agents.get('two')!.body.apps.map(({ name }) => name)).toEqual(['web-two']);
});
