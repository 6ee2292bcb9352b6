import { describe, expect, test } from 'vitest';
import { agreedScope, builtInScope, reportedScope } from './kind-scope.js';

describe('where objects of a kind live', () => {
  test('is known for built-in kinds, and for no other kind of their groups', () => {
    expect(builtInScope({ group: '', kind: 'Namespace' })).toBe('Cluster');
    expect(builtInScope({ group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' })).toBe('Cluster');
    expect(builtInScope({ group: 'apps', kind: 'Deployment' })).toBe('Namespaced');
    expect(builtInScope({ group: 'networking.k8s.io', kind: 'AdminNetworkPolicy' })).toBeUndefined();
    expect(builtInScope({ group: 'example.io', kind: 'Namespace' })).toBeUndefined();
  });

  test('is what an agent reports, which says nothing of kinds it does not serve and nothing at all when it is old', () => {
    const facts = { apiVersions: ['v1', 'v1/Pod', 'x.io/v1', 'x.io/v1/Tenant', 'x.io/v1/Cache'], clusterKinds: ['/Node', 'x.io/Tenant'] };
    expect(reportedScope(facts, { group: 'x.io', kind: 'Tenant' })).toBe('Cluster');
    expect(reportedScope(facts, { group: 'x.io', kind: 'Cache' })).toBe('Namespaced');
    expect(reportedScope(facts, { group: 'x.io', kind: 'Other' })).toBeUndefined();
    expect(reportedScope(facts, { group: 'v1', kind: 'Pod' })).toBeUndefined();
    expect(reportedScope({ apiVersions: facts.apiVersions }, { group: 'x.io', kind: 'Cache' })).toBeUndefined();
    expect(reportedScope(undefined, { group: 'x.io', kind: 'Cache' })).toBeUndefined();
  });

  test('is unknown where sources contradict each other', () => {
    expect(agreedScope([])).toBeUndefined();
    expect(agreedScope(['Cluster', 'Cluster'])).toBe('Cluster');
    expect(agreedScope(['Cluster', 'Namespaced'])).toBeUndefined();
  });
});
