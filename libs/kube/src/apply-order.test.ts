import { describe, expect, test } from 'vitest';
import { type Orderable, orderForApply } from './apply-order.js';
import { hookTypesOf } from './hooks.js';
import type { KubeObject } from './kube-object.js';
import { optionValue } from './sync-options.js';
import { syncWaveOf } from './sync-wave.js';

const item = (kind: string, name: string, more: Partial<Orderable> = {}): Orderable => ({
  group: '',
  kind,
  namespace: '',
  name,
  wave: 0,
  ...more,
});
const annotated = (annotations: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'a', annotations },
});
const names = (items: readonly Orderable[]) => items.map(({ kind, name, wave }) => `${wave} ${kind}/${name}`);

describe('the order of applying', () => {
  test('is phase, wave, Argo CD’s kind order with unknown kinds last, then name', () => {
    const items = [
      item('Widget', 'w', { group: 'example.org' }),
      item('Deployment', 'b'),
      item('Deployment', 'a'),
      item('ConfigMap', 'late', { wave: 1 }),
      item('Service', 's'),
      item('Job', 'migrate', { phase: 'PreSync', wave: 9 }),
      item('Namespace', 'n'),
    ];
    expect(names(orderForApply(items))).toEqual([
      '9 Job/migrate',
      '0 Namespace/n',
      '0 Service/s',
      '0 Deployment/a',
      '0 Deployment/b',
      '0 Widget/w',
      '1 ConfigMap/late',
    ]);
  });

  test('pulls a namespace and a definition ahead of their first user, into its wave', () => {
    const items = [
      item('ConfigMap', 'user', { namespace: 'shop', wave: -1 }),
      item('Namespace', 'shop', { wave: 3 }),
      item('Widget', 'w', { group: 'example.org', wave: 0 }),
      item('CustomResourceDefinition', 'widgets', { group: 'apiextensions.k8s.io', wave: 5, defines: 'example.org/Widget' }),
    ];
    expect(names(orderForApply(items))).toEqual([
      '-1 Namespace/shop',
      '-1 ConfigMap/user',
      '0 CustomResourceDefinition/widgets',
      '0 Widget/w',
    ]);
  });
});

describe('annotations', () => {
  test('give the wave as Go reads an integer, else Helm’s weight, else 0', () => {
    const wave = 'argocd.argoproj.io/sync-wave';
    expect(syncWaveOf(annotated({ [wave]: '+1' }))).toBe(1);
    expect(syncWaveOf(annotated({ [wave]: '-5' }))).toBe(-5);
    expect(syncWaveOf(annotated({ [wave]: ' 1', 'helm.sh/hook-weight': '7' }))).toBe(7);
    expect(syncWaveOf(annotated({ [wave]: '1.5' }))).toBe(0);
    expect(syncWaveOf(annotated({}))).toBe(0);
  });

  test('give hooks in Argo CD’s words, an Argo annotation hiding Helm’s', () => {
    expect(hookTypesOf(annotated({}))).toBeUndefined();
    expect(hookTypesOf(annotated({ 'argocd.argoproj.io/hook': 'PreSync, PostSync' }))).toEqual(['PreSync', 'PostSync']);
    expect(hookTypesOf(annotated({ 'helm.sh/hook': 'pre-install,pre-upgrade' }))).toEqual(['PreSync']);
    expect(hookTypesOf(annotated({ 'helm.sh/hook': 'test' }))).toEqual([]);
    expect(hookTypesOf(annotated({ 'helm.sh/hook': 'crd-install' }))).toBeUndefined();
    expect(hookTypesOf(annotated({ 'helm.sh/hook': 'pre-install', 'argocd.argoproj.io/hook': 'Sync' }))).toEqual(['Sync']);
  });

  test('give options, the object’s before the application’s', () => {
    expect(optionValue('Prune', ['Prune=false'], ['Prune=true'])).toBe('false');
    expect(optionValue('Prune', ['Other=1'], ['Prune=true'])).toBe('true');
    expect(optionValue('Prune', undefined, [])).toBeUndefined();
  });
});
