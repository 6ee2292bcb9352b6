import { describe, expect, test } from 'vitest';
import { objectKey, parseObjectKey } from './identity.js';
import { judgePrune, leftOver, mirrorPruneWaves } from './inventory.js';
import type { KubeMeta } from './kube-object.js';
import { maskSecret } from './mask-secret.js';
import { MANAGED_LABEL, ownerOf, stampTracking, TRACKING_ANNOTATION, trackingId } from './tracking.js';

const app = { namespace: 'argocd', name: 'shop' };
const ref = { group: '', kind: 'ConfigMap', namespace: 'web', name: 'a' };
const key = objectKey(ref);
const live = (more: Partial<KubeMeta> = {}): KubeMeta => ({
  name: 'a',
  uid: 'u1',
  labels: { [MANAGED_LABEL]: 'fleet' },
  annotations: { [TRACKING_ANNOTATION]: trackingId(app, ref) },
  ...more,
});
const context = { app, fleet: 'fleet', deletionApproved: false };
const entry = { version: 'v1', wave: 0, uid: 'u1' };

describe('an owner', () => {
  test('is told by the tracking id on the object it names', () => {
    expect(ownerOf(live(), app, ref, 'fleet')).toEqual({ kind: 'ours' });
    expect(ownerOf(live(), { ...app, name: 'other' }, ref, 'fleet')).toEqual({ kind: 'other', owner: 'argocd/shop' });
    expect(ownerOf(live(), app, ref, 'another')).toEqual({ kind: 'other', owner: 'fleet fleet' });
    expect(ownerOf({ name: 'a' }, app, ref, 'fleet')).toEqual({ kind: 'free' });
    const copied = live({ annotations: { [TRACKING_ANNOTATION]: trackingId(app, { ...ref, name: 'original' }) } });
    expect(ownerOf(copied, app, ref, 'fleet')).toEqual({ kind: 'free' });
  });

  test('may be an Argo CD application: the same name is adopted, another is not', () => {
    const argo = (name: string) => live({ annotations: { 'argocd.argoproj.io/tracking-id': `${name}:/ConfigMap:web/a` } });
    expect(ownerOf(argo('shop'), app, ref, 'fleet').kind).toBe('free');
    expect(ownerOf(argo('argocd_shop'), app, ref, 'fleet').kind).toBe('free');
    expect(ownerOf(argo('other'), app, ref, 'fleet')).toEqual({ kind: 'other', owner: 'Argo CD application other' });
  });

  test('is stamped without touching anything else', () => {
    const stamped = stampTracking({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', labels: { x: 'y' } } }, 'fleet', 'id');
    expect(stamped.metadata).toEqual({
      name: 'a',
      labels: { x: 'y', [MANAGED_LABEL]: 'fleet' },
      annotations: { [TRACKING_ANNOTATION]: 'id' },
    });
  });
});

describe('pruning', () => {
  test('needs the inventory, our tracking id and the same uid', () => {
    expect(judgePrune(key, entry, live(), context)).toEqual({ prune: true, uid: 'u1' });
    expect(judgePrune(key, entry, undefined, context)).toMatchObject({ prune: false, forget: true });
    expect(judgePrune(key, entry, live({ uid: 'u2' }), context)).toMatchObject({ prune: false, forget: true });
    expect(judgePrune(key, entry, live({ annotations: {} }), context)).toMatchObject({ prune: false, forget: true });
    expect(judgePrune(key, entry, live({ uid: undefined }), context)).toMatchObject({ prune: false, forget: false });
  });

  test('spares what is protected or asks to be kept', () => {
    const option = (text: string) => live({ annotations: { ...live().annotations, 'argocd.argoproj.io/sync-options': text } });
    expect(judgePrune(key, entry, live({ labels: { ...live().labels, 'flotilla.dev/protected': 'true' } }), context)).toMatchObject({
      prune: false,
      forget: false,
    });
    expect(judgePrune(key, entry, option('Prune=false'), context).prune).toBe(false);
    expect(judgePrune(key, entry, option('Delete=false'), context).prune).toBe(true);
    expect(judgePrune(key, entry, option('Delete=false'), { ...context, removal: true }).prune).toBe(false);
  });

  test('of kinds that take data along needs approval', () => {
    for (const [group, kind] of [
      ['', 'Namespace'],
      ['', 'PersistentVolumeClaim'],
      ['', 'PersistentVolume'],
      ['apiextensions.k8s.io', 'CustomResourceDefinition'],
    ]) {
      const claim = { group: group!, kind: kind!, namespace: '', name: 'a' };
      const meta = live({ annotations: { [TRACKING_ANNOTATION]: trackingId(app, claim) } });
      expect(judgePrune(objectKey(claim), entry, meta, context)).toMatchObject({ prune: false, forget: false });
      expect(judgePrune(objectKey(claim), entry, meta, { ...context, deletionApproved: true }).prune).toBe(true);
    }
  });

  test('is old minus new, in mirrored waves or last', () => {
    expect([
      ...leftOver(
        new Map([
          [key, entry],
          ['b', entry],
        ]),
        new Set(['b']),
      ).keys(),
    ]).toEqual([key]);
    expect(mirrorPruneWaves([0, 1, 5, 1], false, 9)).toEqual([5, 1, 0, 1]);
    expect(mirrorPruneWaves([0, 1], true, 9)).toEqual([10, 10]);
  });
});

test('a key reads back, and anything else does not', () => {
  expect(parseObjectKey('apps/Deployment/web/a')).toEqual({ group: 'apps', kind: 'Deployment', namespace: 'web', name: 'a' });
  expect(parseObjectKey('/Namespace//a')).toEqual({ group: '', kind: 'Namespace', namespace: '', name: 'a' });
  for (const text of ['', 'a', 'a/b/c', 'a/b/c/d/e', '//ns/']) expect(parseObjectKey(text)).toBeUndefined();
});

test('a Secret shows no value, no length and no last-applied configuration', () => {
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': 'canary', kept: 'x' };
  const metadata = { name: 's', annotations, managedFields: [{ manager: 'canary' }] };
  const masked = maskSecret({ apiVersion: 'v1', kind: 'Secret', metadata, data: { a: 'canary', b: '' }, stringData: { c: 'canary' } });
  expect(JSON.stringify(masked)).not.toContain('canary');
  expect(masked).toMatchObject({ metadata: { annotations: { kept: 'x' } }, data: { a: '++++++++', b: '++++++++' } });
});
