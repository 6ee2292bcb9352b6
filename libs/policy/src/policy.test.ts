import type { Application, AppProject, AppProjectSpec } from '@flotilla/contracts';
import { describe, expect, test } from 'vitest';
import { checkApplication, checkDestination, checkResource, checkSource, checkSourceNamespace, defaultProject } from './index.js';

const project = (spec: AppProjectSpec): AppProject => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'AppProject',
  metadata: { name: 'team', namespace: 'argocd' },
  spec,
});

describe('the sources of a project', () => {
  const may = (rules: string[], url: string) => checkSource(project({ sourceRepos: rules }), url).permitted;

  test('match without case and .git, and a star crosses slashes', () => {
    expect(may(['https://github.com/Org/*'], 'https://github.com/org/app.git')).toBe(true);
    expect(may(['https://github.com/*'], 'https://github.com/org/app')).toBe(true);
    expect(may(['git@github.com:org/app.git'], 'ssh://git@github.com/org/app')).toBe(true);
    expect(may(['https://github.com/org/*'], 'https://github.com/other/app')).toBe(false);
    expect(may([], 'https://github.com/org/app')).toBe(false);
  });

  test('are refused at once by a `!` pattern, and a lone one permits the rest', () => {
    expect(may(['*', '!https://github.com/org/secret'], 'https://github.com/org/secret')).toBe(false);
    expect(may(['!https://github.com/org/secret'], 'https://github.com/org/app')).toBe(true);
    const known = (rules: string[]) => checkSource(project({ sourceRepos: rules }), 'git@g:team/a.git', ['https://g/team/a']).permitted;
    expect([known(['https://g/team/*']), known(['git@g:team/*']), known(['*', '!https://g/team/*']), known(['https://g/other/*'])]).toEqual(
      [true, true, false, false],
    );
    expect(checkSource(project({ sourceRepos: ['!https://x/*'] }), 'https://x/y')).toMatchObject({
      reason: 'repository https://x/y is refused by "!https://x/*" in spec.sourceRepos of AppProject team',
    });
  });
});

describe('the destinations of a project', () => {
  const may = (destinations: AppProjectSpec['destinations'], destination: Parameters<typeof checkDestination>[1]) =>
    checkDestination(project({ destinations }), destination).permitted;

  test('match by server or name, and by namespace', () => {
    expect(may([{ server: 'https://*.example.com', namespace: 'team-*' }], { server: 'https://a.example.com', namespace: 'team-x' })).toBe(
      true,
    );
    expect(may([{ name: 'prod-*', namespace: '*' }], { server: 'https://a', name: 'prod-eu', namespace: 'x' })).toBe(true);
    expect(may([{ server: 'https://a', namespace: 'team-*' }], { server: 'https://a', namespace: 'other' })).toBe(false);
    expect(may([{ server: 'https://a', namespace: '{a,b}' }], { server: 'https://a', namespace: 'b' })).toBe(true);
  });

  test('judge a name without a known server by name, and by a rule for every server', () => {
    expect(may([{ server: '*', namespace: '*' }], { name: 'later', namespace: 'x' })).toBe(true);
    expect(may([{ server: 'https://a', namespace: '*' }], { name: 'later', namespace: 'x' })).toBe(false);
  });

  test('are refused by a `!` on the name whatever the namespace, and on the namespace where the cluster matches', () => {
    const all = { server: '*', namespace: '*' };
    expect(may([all, { name: '!prod', namespace: 'x' }], { server: 'https://p', name: 'prod', namespace: 'y' })).toBe(false);
    expect(may([all, { server: '*', namespace: '!kube-*' }], { server: 'https://p', namespace: 'kube-system' })).toBe(false);
    expect(may([all, { server: '*', namespace: '!kube-*' }], { server: 'https://p', namespace: 'web' })).toBe(true);
  });

  test('may be bound to clusters of the project', () => {
    const bound = project({ destinations: [{ server: '*', namespace: '*' }], permitOnlyProjectScopedClusters: true });
    expect(checkDestination(bound, { server: 'https://a', namespace: 'x', clusterProject: 'team' }).permitted).toBe(true);
    expect(checkDestination(bound, { server: 'https://a', namespace: 'x' }).permitted).toBe(false);
  });
});

describe('the kinds of a project', () => {
  const may = (spec: AppProjectSpec, group: string, kind: string, namespaced: boolean, name?: string) =>
    checkResource(project(spec), { group, kind, namespaced, ...(name ? { name } : {}) }).permitted;

  test('of cluster scope need a whitelist, namespaced ones are free until one exists', () => {
    expect(may({}, '', 'Namespace', false)).toBe(false);
    expect(may({ clusterResourceWhitelist: [{ group: '', kind: 'Namespace' }] }, '', 'Namespace', false)).toBe(true);
    expect(may({ clusterResourceWhitelist: [{ group: '', kind: 'Namespace', name: 'team-*' }] }, '', 'Namespace', false, 'other')).toBe(
      false,
    );
    expect(may({}, 'apps', 'Deployment', true)).toBe(true);
    expect(may({ namespaceResourceWhitelist: [] }, 'apps', 'Deployment', true)).toBe(false);
    expect(may({ namespaceResourceWhitelist: null }, 'apps', 'Deployment', true)).toBe(true);
  });

  test('lose to a blacklist', () => {
    const spec: AppProjectSpec = {
      clusterResourceWhitelist: [{ group: '*', kind: '*' }],
      clusterResourceBlacklist: [{ group: '', kind: 'Namespace' }],
    };
    expect(may(spec, '', 'Namespace', false)).toBe(false);
    expect(may(spec, 'rbac.authorization.k8s.io', 'ClusterRole', false)).toBe(true);
  });
});

test('namespaces of applications match by glob or anchored expression; the own one always may', () => {
  const may = (rule: string, namespace: string) => checkSourceNamespace(project({ sourceNamespaces: [rule] }), namespace).permitted;
  expect(may('team-*', 'argocd')).toBe(true);
  expect(may('team-*', 'team-a')).toBe(true);
  expect(may('/team-[ab]/', 'team-a')).toBe(true);
  expect(may('/team-[ab]/', 'my-team-a-x')).toBe(false);
  expect(may('//', 'anything')).toBe(false);
  expect(may('/(a+)+/', 'aaa')).toBe(true);
  expect(may('/(a|aa)+/', `${'a'.repeat(5_000)}b`)).toBe(false);
  expect(may('/^((?!kube|secret).)*$/', 'my-kube-x')).toBe(false);
  expect(may('/^((?!kube|secret).)*$/', 'team-a')).toBe(true);
  expect(may('/(?!kube-).*/', 'kube-system')).toBe(false);
  expect(may('/(?!kube-).*/', 'my-kube-x')).toBe(true);
  expect(may('/(a)\\1/', 'aa')).toBe(false);
  expect(may('/((a{100}){100}){10}/', 'aa')).toBe(false);
});

test('an application names every rule it breaks, and the default project has none', () => {
  const application: Application = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'web', namespace: 'argocd' },
    spec: {
      project: 'team',
      sources: [{ repoURL: 'https://a' }, { repoURL: 'https://b' }],
      destination: { name: 'prod', namespace: 'web' },
    },
  };
  const fields = checkApplication(project({ sourceRepos: ['https://a'] }), application).map(({ field }) => field);
  expect(fields).toEqual(['spec.sources[1].repoURL', 'spec.destination']);
  expect(checkApplication(defaultProject('argocd'), application, { server: 'https://prod' })).toEqual([]);
});
