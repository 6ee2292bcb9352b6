import { InvalidInputError } from '@flotilla/kernel';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { applyDefaults, builtinSchema, pruneUnknown, untypedObjectSchema, validateObject } from '../schema/index.js';
import type { KubeObject } from '../storage.js';
import { applyJsonPatch, applyMergePatch, applyStrategicMergePatch, serverSideApply } from './index.js';

const schema = builtinSchema('v1', 'ConfigMap')!;
const live = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { a: '1' } } as KubeObject;
const hostile = JSON.parse(
  '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"},"data":{"__proto__":{"polluted":"yes"}}}',
) as KubeObject;

let before: PropertyDescriptorMap;
beforeEach(() => {
  before = Object.getOwnPropertyDescriptors(Object.prototype);
});
afterEach(() => {
  expect(Object.getOwnPropertyDescriptors(Object.prototype)).toEqual(before);
});

describe('documents with __proto__', () => {
  test.each([
    ['a merge patch', () => applyMergePatch(live, hostile)],
    ['a strategic merge patch', () => applyStrategicMergePatch(live, hostile, schema)],
    ['an applied configuration', () => serverSideApply({ live, applied: hostile, manager: 'm', schema, now: '' })],
    ['a JSON patch value', () => applyJsonPatch(live, [{ op: 'add', path: '/data', value: hostile.data }])],
    ['a JSON patch path', () => applyJsonPatch(live, [{ op: 'add', path: '/__proto__/polluted', value: 'yes' }])],
    ['a JSON patch source', () => applyJsonPatch(live, [{ op: 'copy', from: '/data/__proto__', path: '/data/b' }])],
  ])('%s is refused', (_what, run) => {
    expect(run).toThrow(InvalidInputError);
    expect(run).toThrow('__proto__');
  });

  test('an apply refuses it inside values of no known type too', () => {
    const applied = JSON.parse('{"apiVersion":"x/v1","kind":"Y","metadata":{"name":"x"},"spec":[{"__proto__":{}}]}') as KubeObject;
    expect(() => serverSideApply({ live: undefined, applied, manager: 'm', schema: untypedObjectSchema(), now: '' })).toThrow('__proto__');
  });

  test('stored ones can be read, defaulted and pruned without effect on anything else', () => {
    expect(validateObject(hostile, schema).invalid).toHaveLength(1);
    expect(Object.keys(pruneUnknown(applyDefaults(hostile, schema), schema).data as object)).toEqual(['__proto__']);
  });
});

describe('names of inherited members', () => {
  const keys = { constructor: 'a', toString: 'b', hasOwnProperty: 'c', valueOf: 'd' };

  test('are ordinary keys to every patch', () => {
    expect(applyMergePatch(live, { data: keys }).data).toEqual({ a: '1', ...keys });
    expect(applyStrategicMergePatch(live, { data: keys }, schema).data).toEqual({ a: '1', ...keys });
    const { object } = serverSideApply({ live, applied: { ...live, data: keys }, manager: 'm', schema, now: '2026-01-01T00:00:00Z' });
    expect(object.data).toEqual({ a: '1', ...keys });
  });
});

describe('oversized input', () => {
  const nested = (depth: number): unknown => JSON.parse(`${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`);

  test('documents nested deeper than 256 levels are refused', () => {
    expect(() => applyMergePatch({}, nested(300))).toThrow('nested deeper');
    expect(() =>
      serverSideApply({ live, applied: { ...live, spec: nested(300) }, manager: 'm', schema: untypedObjectSchema(), now: '' }),
    ).toThrow('nested deeper');
  });

  test('a JSON patch of more than 10,000 operations is refused', () => {
    const patch = Array.from({ length: 10_001 }, () => ({ op: 'test', path: '/kind', value: 'ConfigMap' }));
    expect(() => applyJsonPatch(live, patch)).toThrow('10001 operations');
  });
});

describe('malformed patches', () => {
  test.each([
    ['no list', {}],
    ['an unknown operation', [{ op: 'grow', path: '/a' }]],
    ['a path that does not exist', [{ op: 'remove', path: '/data/none' }]],
    ['a failed test', [{ op: 'test', path: '/data/a', value: '2' }]],
  ])('a JSON patch with %s is invalid input', (_what, patch) => {
    expect(() => applyJsonPatch(live, patch)).toThrow(InvalidInputError);
  });

  test('a patch that fails half way changes nothing', () => {
    const document = structuredClone(live);
    const patch = [
      { op: 'replace', path: '/data/a', value: '2' },
      { op: 'remove', path: '/none' },
    ];
    expect(() => applyJsonPatch(document, patch)).toThrow('operation 1');
    expect(document).toEqual(live);
  });

  test('managedFields in an applied configuration are refused', () => {
    const applied = { ...live, metadata: { name: 'x', managedFields: [] } };
    expect(() => serverSideApply({ live, applied, manager: 'm', schema, now: '' })).toThrow('metadata.managedFields must be nil');
  });

  test('managedFields that cannot be read stop an apply and name the manager', () => {
    const entry = {
      manager: 'odd',
      operation: 'Update' as const,
      apiVersion: 'v1',
      fieldsType: 'FieldsV1' as const,
      fieldsV1: { 'x:y': {} },
    };
    const broken = { ...live, metadata: { name: 'x', managedFields: [entry] } };
    const applied = { ...live, data: { a: '2' } };
    expect(() => serverSideApply({ live: broken, applied, manager: 'm', schema, now: '' })).toThrow('"odd"');
  });
});
