import type { ApplicationSet, AppProject } from '@flotilla/contracts';
import { expect, test } from 'vitest';
import { scopeOf } from './set-scope.js';

const setIn = (namespace: string): ApplicationSet => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: { name: 'apps', namespace },
  spec: { generators: [], template: {} },
});
const project = (name: string, spec: AppProject['spec']): [string, AppProject] => [
  name,
  { apiVersion: 'argoproj.io/v1alpha1', kind: 'AppProject', metadata: { name, namespace: 'argocd' }, spec },
];
const projects = new Map([
  project('team', {
    sourceRepos: ['https://g/team/*'],
    sourceNamespaces: ['team-*'],
    destinations: [
      { name: 'dev-*', namespace: 'web' },
      { server: 'https://x', namespace: '*' },
      { name: '!dev-secret', namespace: '*' },
    ],
  }),
  project('scoped', { permitOnlyProjectScopedClusters: true, destinations: [{ server: '*', namespace: '*' }] }),
]);
const cluster = (name: string, rest: { server?: string; project?: string } = {}) => ({ name, server: `https://${name}`, ...rest });

test('a project shows the clusters that some namespace of its destinations is on, and refused ones never', () => {
  const scope = scopeOf(setIn('argocd'), 'team', projects)!;
  expect(scope.refuseCluster(cluster('dev-a'))).toBeUndefined();
  expect(scope.refuseCluster(cluster('other', { server: 'https://x' }))).toBeUndefined();
  expect(scope.refuseCluster(cluster('prod-a'))).toContain('no entry of spec.destinations of AppProject team');
  expect(scope.refuseCluster(cluster('dev-secret'))).toContain('refused by spec.destinations[2]');
  expect(scope.refuseRepository('https://g/team/app.git')).toBeUndefined();
  expect(scope.refuseRepository('https://g/other/app')).toContain('spec.sourceRepos of AppProject team');
});

test('permitOnlyProjectScopedClusters shows the project’s own clusters alone', () => {
  const scope = scopeOf(setIn('argocd'), 'scoped', projects)!;
  expect(scope.refuseCluster(cluster('a', { project: 'scoped' }))).toBeUndefined();
  expect(scope.refuseCluster(cluster('b', { project: 'team' }))).toContain('permitOnlyProjectScopedClusters');
  expect(scope.refuseCluster(cluster('c'))).toContain('permitOnlyProjectScopedClusters');
});

test('no project written is the default one, which permits everything until a document says otherwise', () => {
  expect(scopeOf(setIn('argocd'), '', projects)!.refuseCluster(cluster('any'))).toBeUndefined();
  const closed = new Map([project('default', { destinations: [] })]);
  expect(scopeOf(setIn('argocd'), '', closed)!.refuseCluster(cluster('any'))).toContain('AppProject default');
  expect(() => scopeOf(setIn('argocd'), 'nope', projects)).toThrow('AppProject nope does not exist');
});

test('only a set of the control namespace may leave the project to a parameter', () => {
  expect(scopeOf(setIn('argocd'), undefined, projects)).toBeUndefined();
  expect(() => scopeOf(setIn('team-a'), undefined, projects)).toThrow(/named by a parameter.*namespace team-a may not use every project/);
});

test('a set of another namespace sees what a project of its own shows, and no other', () => {
  expect(scopeOf(setIn('team-a'), 'team', projects)?.project).toBe('team');
  expect(() => scopeOf(setIn('other'), 'team', projects)).toThrow('spec.sourceNamespaces');
  expect(() => scopeOf(setIn('other'), '', projects)).toThrow('AppProject default');
});
