import type { ApplicationSet, ResourceDocument } from '@flotilla/contracts';
import { type Expansion, expandSet } from '@flotilla/generators';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeApplication, ownerReferenceTo } from './merge-application.js';
import { planApplications } from './plan-applications.js';

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

  test('deletes, holds or schedules each that left, and nothing protected unasked', async () => {
    const letters = fc.subarray(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']);
    const windows = fc.constantFrom(0, 60_000);
    await fc.assert(
      fc.asyncProperty(
        letters,
        letters,
        letters,
        windows,
        fc.nat({ max: 8 }),
        async (wanted, shielded, released, restoreWindowMs, maxDeletions) => {
          const documents = await settled(set({}, ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']));
          const guard = {
            settings: { maxDeletions, maxDeletionPercent: 100, restoreWindowMs },
            isProtected: ({ metadata }: ResourceDocument) => shielded.includes(metadata.name),
            now: 1_000,
          };
          const expansion = await expand(set({}, wanted));
          const plan = planApplications({
            set: set({}, wanted),
            expansion,
            existing: mapOf(...documents),
            released,
            guard,
            refuse: () => undefined,
          });
          const pending = plan.pending.map(({ name }) => name);
          const left = documents.map(({ metadata }) => metadata.name).filter((name) => !wanted.includes(name));
          expect([...plan.delete, ...plan.hold, ...pending].sort()).toEqual(left);
          expect([...plan.delete, ...pending].filter((name) => shielded.includes(name) && !released.includes(name))).toEqual([]);
          if (restoreWindowMs > 0) expect(plan.delete.filter((name) => !released.includes(name))).toEqual([]);
          else expect(pending).toEqual([]);
        },
      ),
    );
  });
});
