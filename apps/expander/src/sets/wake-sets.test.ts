import type { ResourceDocument } from '@flotilla/contracts';
import { FakeResourceStore } from '@flotilla/resources/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { SetIndex } from './set-index.js';
import { SetMemory } from './set-memory.js';
import { WakeSets } from './wake-sets.js';

const OCM = 'cluster.open-cluster-management.io/v1beta1';
const key = (kind: string, name: string, namespace = 'argocd') => ({ kind, namespace, name });
const decision = (name: string, placement: string): ResourceDocument => ({
  apiVersion: OCM,
  kind: 'PlacementDecision',
  metadata: { name, namespace: 'argocd', labels: { placement } },
});
const configMap = (name: string, data: object): ResourceDocument => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'argocd' },
  data: { apiVersion: OCM, kind: 'placementdecisions', matchKey: 'clusterName', ...data },
});
const setOf = (name: string, ...generators: object[]): ResourceDocument => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: { name, namespace: 'argocd' },
  spec: { generators, template: {} },
});
const reads = (rest: object) => ({ clusterDecisionResource: { configMapRef: 'ocm', ...rest } });
const byLabel = (placement: string) => reads({ labelSelector: { matchLabels: { placement } } });

let store: FakeResourceStore;
let wake: WakeSets;
let woken: string[];

const write = (change: Parameters<FakeResourceStore['transaction']>[1]) => store.transaction({ actor: 'me' }, change);
async function put(...documents: ResourceDocument[]): Promise<void> {
  await write(async (tx) => {
    for (const document of documents) await tx.create(document);
  });
}
/** The sets that news of a document wake, by name. */
async function wokenBy(place: ReturnType<typeof key>): Promise<string[]> {
  woken = [];
  await wake.run(place);
  return woken.map((set) => set.split('/')[1]!).sort();
}
const decide = (name: string, ...clusters: string[]) =>
  write(async (tx) => {
    const document = (await tx.get(key('PlacementDecision', name)))!;
    await tx.updateStatus({ ...document, status: { decisions: clusters.map((clusterName) => ({ clusterName })) } });
  });

beforeEach(async () => {
  store = new FakeResourceStore();
  woken = [];
  wake = new WakeSets(store, new SetIndex(), new SetMemory(), (set) => woken.push(set));
  const list = { list: { elements: [{ name: 'web-1', map: 'ocm' }] } };
  const sets = [
    setOf('by-name', reads({ name: 'web-1' })),
    setOf('by-label', byLabel('web')),
    setOf('in-a-matrix', { matrix: { generators: [list, byLabel('web')] } }),
    setOf('by-parameter', { matrix: { generators: [list, reads({ configMapRef: '{{map}}', name: '{{name}}' })] } }),
    setOf('of-another-label', byLabel('shop')),
    setOf('of-another-kind', reads({ configMapRef: 'ducks', name: 'web-1' })),
    setOf('without', { clusters: {} }),
  ];
  await put(...sets, configMap('ocm', {}), configMap('ducks', { apiVersion: 'mallard.io/v1', kind: 'ducks' }), decision('web-1', 'web'));
  for (const { metadata } of sets) await wake.run(key('ApplicationSet', metadata.name));
});

describe('a decision', () => {
  const readers = ['by-label', 'by-name', 'by-parameter', 'in-a-matrix'];
  const place = key('PlacementDecision', 'web-1');

  test('wakes the sets that read it when its status moves, and nobody when it is named without news', async () => {
    expect(await wokenBy(place)).toEqual(readers);
    expect(await wokenBy(place)).toEqual([]);
    await decide('web-1', 'a');
    expect(await wokenBy(place)).toEqual(readers);
    expect(await wokenBy(place)).toEqual([]);
  });

  test('wakes those that read it by the labels it had and by those it has', async () => {
    await wokenBy(place);
    await write(async (tx) => {
      const document = (await tx.get(place))!;
      await tx.update({ ...document, metadata: { ...document.metadata, labels: { placement: 'shop' } } });
    });
    expect(await wokenBy(place)).toEqual([...readers, 'of-another-label'].sort());
    await decide('web-1', 'b');
    expect(await wokenBy(place)).toEqual(['by-name', 'by-parameter', 'of-another-label']);
  });

  test('wakes its readers when it goes; one that went before anybody saw it, everybody who may have read it', async () => {
    await wokenBy(place);
    await write((tx) => tx.delete(place));
    expect(await wokenBy(place)).toEqual(readers);
    expect(await wokenBy(key('PlacementDecision', 'never-seen'))).toEqual(['by-label', 'by-parameter', 'in-a-matrix', 'of-another-label']);
  });

  test('of another namespace is nobody’s', async () => {
    expect(await wokenBy(key('PlacementDecision', 'web-1', 'team'))).toEqual([]);
  });
});

describe('a ConfigMap', () => {
  test('wakes the sets whose decisions it describes, also before it is there', async () => {
    expect(await wokenBy(key('ConfigMap', 'ocm'))).toEqual(['by-label', 'by-name', 'by-parameter', 'in-a-matrix', 'of-another-label']);
    expect(await wokenBy(key('ConfigMap', 'ducks'))).toEqual(['by-parameter', 'of-another-kind']);
    expect(await wokenBy(key('ConfigMap', 'other'))).toEqual(['by-parameter']);
    expect(await wokenBy(key('ConfigMap', 'ocm', 'team'))).toEqual([]);
  });

  test('that comes to describe another kind makes that kind’s news the set’s', async () => {
    await write(async (tx) => {
      const document = (await tx.get(key('ConfigMap', 'ducks')))!;
      await tx.update({ ...document, data: configMap('ducks', {}).data });
    });
    expect(await wokenBy(key('PlacementDecision', 'web-1'))).toContain('of-another-kind');
  });
});
