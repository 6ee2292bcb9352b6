import type { ApplicationSet, ResourceDocument } from '@flotilla/contracts';
import { type Expansion, expandSet } from '@flotilla/generators';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decideDeletions } from './decide-deletions.js';
import { mergeApplication, ownerReferenceTo } from './merge-application.js';
import { planApplications } from './plan-applications.js';

const names = (...count: number[]) => Array.from({ length: count[0]! }, (_, i) => `app-${String(i).padStart(3, '0')}`);

describe('the deletion guard', () => {
  test('lets a few of many go, and holds six, a fifth of several, or all of several', () => {
    const hundred = names(100);
    expect(decideDeletions(hundred, hundred.slice(5)).hold).toEqual([]);
    expect(decideDeletions(hundred, hundred.slice(6)).hold).toEqual(hundred.slice(0, 6));
    expect(decideDeletions(names(10), names(10).slice(2)).hold).toEqual([]);
    expect(decideDeletions(names(9), names(9).slice(2)).hold).toEqual(['app-000', 'app-001']);
    expect(decideDeletions(names(3), names(3).slice(1)).hold).toEqual([]);
    expect(decideDeletions(names(2), []).hold).toEqual(['app-000', 'app-001']);
    expect(decideDeletions(['only'], [])).toEqual({ delete: ['only'], hold: [] });
  });

  test('lets released names go and holds the rest of a large removal', () => {
    expect(decideDeletions(names(8), [], names(3))).toEqual({ delete: names(3), hold: names(8).slice(3) });
    expect(decideDeletions(names(8), [], names(7))).toEqual({ delete: names(7), hold: ['app-007'] });
    expect(decideDeletions(names(8), [], names(8)).hold).toEqual([]);
  });

  test('keeps its laws for every input', () => {
    const list = fc.uniqueArray(fc.stringMatching(/^[a-f]{1,2}$/), { maxLength: 30 });
    fc.assert(
      fc.property(list, list, list, (previous, next, released) => {
        const decision = decideDeletions(previous, next, released);
        const leaving = previous.filter((name) => !next.includes(name)).sort();
        expect([...decision.delete, ...decision.hold].sort()).toEqual(leaving);
        expect(decision.hold.filter((name) => released.includes(name))).toEqual([]);
        expect(decision.delete.filter((name) => !released.includes(name)).length).toBeLessThanOrEqual(5);
        if (previous.length >= 2 && leaving.length === previous.length) {
          expect(decision.delete.every((name) => released.includes(name))).toBe(true);
        }
        expect(decideDeletions([...previous].reverse(), [...next].reverse(), [...released].reverse())).toEqual(decision);
      }),
    );
  });
});

const set = (spec: Partial<ApplicationSet['spec']> = {}, elements = ['a', 'b']): ApplicationSet => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: { name: 'apps', namespace: 'argocd', uid: 'set-1' },
  spec: {
    generators: [{ list: { elements: elements.map((e) => ({ e })) } }],
    template: {
      metadata: { name: '{{e}}', labels: { of: 'set' } },
      spec: {
        project: 'default',
        source: { repoURL: 'r', path: '{{e}}', targetRevision: 'main' },
        destination: { name: 'c', namespace: 'n' },
      },
    },
    ...spec,
  },
});
const nothing = { clusters: async () => [], directories: async () => [], files: async () => [] };
const expand = (of: ApplicationSet): Promise<Expansion> => expandSet(of, nothing);
const stored = (document: ResourceDocument, metadata: object = {}): ResourceDocument => ({
  ...document,
  metadata: { ...document.metadata, uid: `u-${document.metadata.name}`, resourceVersion: '7', ...metadata },
});
const mapOf = (...documents: ResourceDocument[]) => new Map(documents.map((document) => [document.metadata.name, document]));
const free = { released: [], refuse: () => undefined };

async function settled(of: ApplicationSet): Promise<ResourceDocument[]> {
  const plan = planApplications({ set: of, expansion: await expand(of), existing: new Map(), ...free });
  return plan.create.map((document) => stored(document));
}

describe('a plan of applications', () => {
  test('creates what is missing, owned by the set, and finds nothing to do the second time', async () => {
    const of = set();
    const documents = await settled(of);
    expect(documents.map(({ metadata }) => [metadata.name, metadata.ownerReferences])).toEqual([
      ['a', [ownerReferenceTo(of)]],
      ['b', [ownerReferenceTo(of)]],
    ]);
    const again = planApplications({ set: of, expansion: await expand(of), existing: mapOf(...documents), ...free });
    expect(again).toMatchObject({ create: [], update: [], delete: [], hold: [], refused: [], count: 2 });
  });

  test('reverts edits but keeps preserved annotations, delete finalizers and ignored fields', async () => {
    const of = set({
      ignoreApplicationDifferences: [{ jsonPointers: ['/spec/source/targetRevision'] }],
      preservedFields: { labels: ['team'] },
    });
    const [a] = (await settled(of)) as [ResourceDocument, ResourceDocument];
    const edited = structuredClone(a);
    edited.metadata.labels = { of: 'me', team: 'x', extra: 'y' };
    edited.metadata.annotations = { 'notified.notifications.argoproj.io': '{}', other: '1' };
    edited.metadata.finalizers = ['post-delete-finalizer.argocd.argoproj.io/cleanup', 'flotilla.dev/removal', 'other/finalizer'];
    edited.spec = { ...(a.spec as object), source: { repoURL: 'r', path: 'elsewhere', targetRevision: 'hotfix' } };
    edited.status = { health: 'x' };
    const generated = (await expand(of)).applications[0]!;
    const merged = mergeApplication(JSON.parse(generated.text()), edited, of)!;
    expect(merged.metadata).toMatchObject({ uid: 'u-a', resourceVersion: '7', labels: { of: 'set', team: 'x' } });
    expect(merged.metadata.annotations).toEqual({ 'notified.notifications.argoproj.io': '{}' });
    expect(merged.metadata.finalizers).toEqual([
      'resources-finalizer.argocd.argoproj.io',
      'post-delete-finalizer.argocd.argoproj.io/cleanup',
      'flotilla.dev/removal',
    ]);
    expect(merged.spec).toMatchObject({ source: { path: 'a', targetRevision: 'hotfix' } });
    expect(merged.status).toEqual({ health: 'x' });
  });

  test('G16: never takes an application another set owns, and adopts one nobody owns', async () => {
    const of = set();
    const [a, b] = (await settled(of)) as [ResourceDocument, ResourceDocument];
    const foreign = stored(a, { ownerReferences: [{ ...ownerReferenceTo(of), name: 'other', uid: 'set-2' }] });
    const orphan = stored(b, { ownerReferences: [] });
    const plan = planApplications({ set: of, expansion: await expand(of), existing: mapOf(foreign, orphan), ...free });
    expect(plan.refused).toEqual([{ name: 'a', message: 'Application a is already owned by ApplicationSet other' }]);
    expect(plan.update.map(({ metadata }) => metadata.name)).toEqual(['b']);
    expect(plan.count).toBe(1);
    const left = stored(a, { ownerReferences: [{ ...ownerReferenceTo(of), uid: 'set-0' }] });
    const next = planApplications({ set: of, expansion: await expand(of), existing: mapOf(left), ...free });
    expect(next.update.map(({ metadata }) => metadata.ownerReferences?.[0]?.uid)).toEqual(['set-1']);
  });

  test('keeps to applicationsSync', async () => {
    const all = await settled(set({}, ['a', 'b', 'c', 'd', 'e', 'f']));
    const changed = all.map((document) => ({ ...document, spec: { project: 'edited' } }));
    const run = async (applicationsSync: 'create-only' | 'create-update' | 'create-delete') => {
      const of = set({ syncPolicy: { applicationsSync } }, ['b', 'c', 'd', 'e', 'f', 'new']);
      const plan = planApplications({ set: of, expansion: await expand(of), existing: mapOf(...changed), ...free });
      return { create: plan.create.length, update: plan.update.length, delete: plan.delete };
    };
    expect(await run('create-only')).toEqual({ create: 1, update: 0, delete: [] });
    expect(await run('create-update')).toEqual({ create: 1, update: 5, delete: [] });
    expect(await run('create-delete')).toEqual({ create: 1, update: 0, delete: ['a'] });
  });

  test('never deletes an application that is merely invalid, held or refused', async () => {
    const elements = fc.array(fc.constantFrom('a', 'b', 'C!', 'b', 'd'), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(elements, fc.boolean(), async (list, refuses) => {
        const of = set({}, list);
        const existing = mapOf(...(await settled(set({}, ['a', 'b', 'd', 'e', 'f']))));
        const expansion = await expand(of);
        const plan = planApplications({ set: of, expansion, existing, released: [], refuse: () => (refuses ? 'no' : undefined) });
        const generated = [...expansion.applications, ...expansion.held].map(({ name }) => name);
        expect([...plan.delete, ...plan.hold].filter((name) => generated.includes(name))).toEqual([]);
      }),
    );
  });
});
