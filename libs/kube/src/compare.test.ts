import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { leafPaths, omitFields, ownersOf, projectFields, readablePath } from './field-set.js';
import type { KubeObject } from './kube-object.js';
import { projectionDigest, takeOverManagedFields } from './projection.js';
import { quantityNano, sameQuantity } from './quantity.js';
import { subsetDiff } from './subset-diff.js';

const FIELDS = {
  'f:spec': {
    'f:replicas': {},
    'f:containers': { 'k:{"name":"web"}': { '.': {}, 'f:name': {}, 'f:image': {} } },
    'f:args': { 'v:"a"': {} },
  },
};
const pod = (image: string, extra: Record<string, unknown> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', managedFields: [{ manager: 'flotilla', operation: 'Apply', fieldsV1: FIELDS }] },
  spec: { replicas: 2, args: ['b', 'a'], containers: [{ name: 'sidecar' }, { name: 'web', image, tty: true }], ...extra },
});
const digest = (text: string) => text;

describe('a quantity', () => {
  test('is compared by value, whatever its form', () => {
    for (const [a, b] of [
      ['1024Mi', '1Gi'],
      ['1Gi', '1073741824'],
      ['1e3', '1k'],
      ['1', '1000m'],
      [2, '2'],
      ['0.5', '500m'],
      ['1.5Gi', '1536Mi'],
    ]) {
      expect(sameQuantity(a, b), `${a} and ${b}`).toBe(true);
    }
    expect(sameQuantity('1G', '1Gi')).toBe(false);
    expect(quantityNano('-1m')).toBe(-1_000_000n);
    for (const none of ['', 'Gi', '1 Gi', '1KiB', 'abc', '1e', null, {}]) expect(quantityNano(none)).toBeUndefined();
  });

  test('of a whole number keeps its value through every suffix', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1_000_000 }), (n) => {
        expect(sameQuantity(`${n}Ki`, String(n * 1024))).toBe(true);
        expect(sameQuantity(`${n}k`, `${n}e3`)).toBe(true);
      }),
    );
  });
});

describe('a difference', () => {
  test('is what desired says and live does not', () => {
    expect(subsetDiff({ a: 1, b: { c: [1] } }, { a: 1, b: { c: [1], d: 2 }, e: 3 })).toEqual([]);
    expect(subsetDiff({ a: { b: 1 } }, { a: { b: 2 } })).toEqual([{ pointer: '/a/b', desired: 1, live: 2 }]);
    expect(subsetDiff({ a: null, b: {} }, {})).toEqual([]);
    expect(subsetDiff({ 'x/y': 1 }, {})).toEqual([{ pointer: '/x~1y', desired: 1, live: undefined }]);
  });

  test('matches named list elements by name and keeps the order of others', () => {
    expect(subsetDiff([{ name: 'a', v: 1 }], [{ name: 'b' }, { name: 'a', v: 1, w: 2 }])).toEqual([]);
    expect(subsetDiff([1, 2], [2, 1])).toHaveLength(2);
    expect(subsetDiff([1], [1, 2])).toHaveLength(1);
  });

  test('reads quantities by value where Kubernetes does', () => {
    expect(subsetDiff({ limits: { memory: '1024Mi' } }, { limits: { memory: '1Gi' } })).toEqual([]);
    expect(subsetDiff({ data: { memory: '1024Mi' } }, { data: { memory: '1Gi' } })).toHaveLength(1);
  });

  test('leaves ignored pointers out, and never reads inherited members', () => {
    expect(subsetDiff({ a: { b: 1 } }, { a: { b: 2 } }, ['/a/b'])).toEqual([]);
    expect(subsetDiff({ constructor: { name: 'x' } }, {})).toHaveLength(1);
  });

  test('of a value and itself is empty', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => subsetDiff(value, structuredClone(value)).length === 0));
  });
});

describe('the projection on our fields', () => {
  test('sees our values and our ownership, and nothing of others', () => {
    expect(projectFields(pod('x:1'), FIELDS)).toEqual({ spec: { replicas: 2, args: ['a'], containers: [{ name: 'web', image: 'x:1' }] } });
    const before = projectionDigest(pod('x:1'), digest);
    expect(projectionDigest(pod('x:1', { args: ['a', 'c'], theirs: 1 }), digest)).toBe(before);
    expect(projectionDigest(pod('x:2'), digest)).not.toBe(before);
    const lost = pod('x:1');
    lost.metadata.managedFields = [{ manager: 'flotilla', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:args': { 'v:"a"': {} } } } }];
    expect(projectionDigest(lost, digest)).not.toBe(before);
    lost.metadata.managedFields = [];
    expect(projectionDigest(lost, digest)).toBeUndefined();
  });

  test('names who owns a field, and leaves chosen fields out of an apply', () => {
    const image = leafPaths(FIELDS).find((path) => path.endsWith('f:image'))!;
    expect(readablePath(image)).toBe('spec.containers[{"name":"web"}].image');
    expect(
      ownersOf({ name: 'p', managedFields: [{ manager: 'kubectl', operation: 'Update', fieldsV1: FIELDS }] }, [image], 'flotilla'),
    ).toEqual(['kubectl']);
    const omitted = omitFields(pod('x:1'), [image, 'f:spec\0f:replicas']);
    expect(omitted.spec).toEqual({ args: ['b', 'a'], containers: [{ name: 'sidecar' }, { name: 'web', tty: true }] });
  });

  test('takes over fields of kubectl and Argo CD, and nobody else’s', () => {
    const theirs = (manager: string) => ({ manager, operation: 'Update', fieldsV1: { [`f:${manager}`]: {} } });
    const merged = takeOverManagedFields({
      name: 'a',
      managedFields: [theirs('kubectl-client-side-apply'), theirs('argocd-controller'), theirs('hpa')],
    });
    expect(merged?.map(({ manager, operation }) => `${manager} ${operation}`)).toEqual(['hpa Update', 'flotilla Apply']);
    expect(merged?.[1]?.fieldsV1).toEqual({ 'f:kubectl-client-side-apply': {}, 'f:argocd-controller': {} });
    expect(takeOverManagedFields({ name: 'a', managedFields: [theirs('hpa')] })).toBeUndefined();
  });
});
