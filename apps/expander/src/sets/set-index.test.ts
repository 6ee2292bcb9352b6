import type { ApplicationSet, Cluster } from '@flotilla/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SetIndex } from './set-index.js';

type Labels = Record<string, string>;

const set = (...generators: unknown[]) =>
  ({ spec: { generators, template: { spec: { project: 'default' } } } }) as unknown as ApplicationSet;
const clusters = (matchLabels?: Labels) => ({ clusters: matchLabels ? { selector: { matchLabels } } : {} });
const cluster = (labels: Labels, rest: { annotations?: Labels; accepted?: boolean } = {}) =>
  ({
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'Cluster',
    metadata: { name: 'c', labels, ...(rest.annotations ? { annotations: rest.annotations } : {}) },
    spec: rest.accepted === undefined ? {} : { accepted: rest.accepted },
  }) as unknown as Cluster;

test('a cluster concerns the sets that select it as it is or took it as it was, and no other', () => {
  const index = new SetIndex();
  index.put('argocd/prod', set(clusters({ env: 'prod' })));
  index.put('argocd/dev', set(clusters({ env: 'dev' })));
  index.put('argocd/eu', set({ matrix: { generators: [{ list: { elements: [] } }, clusters({ region: 'eu' })] } }));
  index.put('argocd/list', set({ list: { elements: [] } }));
  expect(index.clusterMoved('c', cluster({ env: 'prod', region: 'eu' })).sort()).toEqual(['argocd/eu', 'argocd/prod']);
  expect(index.clusterMoved('c', cluster({ env: 'prod', region: 'eu' }))).toEqual([]);
  expect(index.clusterMoved('c', cluster({ env: 'dev', region: 'us' })).sort()).toEqual(['argocd/dev', 'argocd/eu', 'argocd/prod']);
  expect(index.clusterMoved('c', cluster({ env: 'dev', region: 'us' }, { annotations: { team: 'a' } }))).toEqual(['argocd/dev']);
  index.put('argocd/dev', set(clusters({ env: 'test' })));
  index.drop('argocd/prod');
  expect(index.clusterMoved('c', cluster({ env: 'prod' }))).toEqual([]);
  index.put('argocd/prod', set(clusters({ env: 'prod' })));
  expect(index.clusterMoved('c', undefined)).toEqual(['argocd/prod']);
});

test('in doubt a set is concerned: selectors with tags or faults, none at all, and one on the type of cluster Secrets', () => {
  const index = new SetIndex();
  const doubtful = {
    tags: clusters({ env: '{{env}}' }),
    faulty: { clusters: { selector: { matchExpressions: [{ key: 'env', operator: 'Near', values: ['prod'] }] } } },
    all: clusters(),
    none: { clusters: { selector: null } },
    secret: clusters({ 'argocd.argoproj.io/secret-type': 'cluster', env: 'prod' }),
  };
  for (const [name, generator] of Object.entries(doubtful)) index.put(`argocd/${name}`, set(generator));
  index.put('argocd/dev', set(clusters({ env: 'dev' })));
  expect(index.clusterMoved('c', cluster({ env: 'prod' })).sort()).toEqual(
    Object.keys(doubtful)
      .map((name) => `argocd/${name}`)
      .sort(),
  );
});

test('a cluster that waits for acceptance concerns nobody until it is accepted', () => {
  const index = new SetIndex();
  index.put('argocd/prod', set(clusters({ env: 'prod' })));
  expect(index.clusterMoved('c', cluster({ env: 'prod' }, { accepted: false }))).toEqual([]);
  expect(index.clusterMoved('c', cluster({ env: 'prod' }, { accepted: true }))).toEqual(['argocd/prod']);
});

test('after any moves the sets concerned are those whose labels the cluster has or had', () => {
  const labels = fc.dictionary(fc.constantFrom('env', 'region', 'tier'), fc.constantFrom('a', 'b', 'c'), { maxKeys: 3 });
  const sets = fc.array(fc.array(labels, { minLength: 1, maxLength: 2 }), { maxLength: 12 });
  fc.assert(
    fc.property(sets, fc.array(labels, { maxLength: 12 }), (selections, moves) => {
      const index = new SetIndex();
      for (const [i, selection] of selections.entries()) index.put(`argocd/${i}`, set(...selection.map(clusters)));
      const takes = (i: number, now: Labels | undefined): boolean =>
        now !== undefined && selections[i]!.some((wanted) => Object.entries(wanted).every(([key, value]) => now[key] === value));
      let before: Labels | undefined;
      for (const now of moves) {
        const hasMoved = JSON.stringify(Object.entries(before ?? { none: '' }).sort()) !== JSON.stringify(Object.entries(now).sort());
        const expected = selections.flatMap((_, i) => (hasMoved && (takes(i, before) || takes(i, now)) ? [`argocd/${i}`] : []));
        expect(index.clusterMoved('c', cluster(now)).sort()).toEqual(expected.sort());
        before = now;
      }
    }),
    { numRuns: 200 },
  );
});
