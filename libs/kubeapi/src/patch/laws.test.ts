import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { builtinSchema, type SchemaNode, schemaOf, untypedObjectSchema } from '../schema/index.js';
import type { KubeObject } from '../storage.js';
import { decodeFieldsV1 } from './fields/fields-v1.js';
import { describePath } from './fields/path-element.js';
import { applyMergePatch, applyStrategicMergePatch, serverSideApply, updateManagedFields } from './index.js';
import { NEVER_OWNED } from './never-owned.js';
import { compareTyped } from './typed/compare-typed.js';
import { fieldSetOf } from './typed/owned-fields.js';

const NOW = '2026-01-01T00:00:00Z';
const LATER = '2026-01-01T00:01:00Z';

const name = fc.constantFrom('a', 'b', 'c', 'constructor');
const text = fc.constantFrom('1', '2', 'x<y', '"q"');
const labels = fc.dictionary(name, text, { maxKeys: 3 });
const unique = <T>(item: fc.Arbitrary<T>, key: (value: T) => unknown) =>
  fc.uniqueArray(item, { maxLength: 4, selector: (value) => JSON.stringify(key(value)) });

const container = fc.record(
  {
    name,
    image: text,
    env: unique(fc.record({ name, value: text }), (env) => env.name),
    ports: unique(fc.record({ containerPort: fc.constantFrom(80, 81), protocol: fc.constantFrom('TCP', 'UDP') }), (port) => port),
    args: fc.array(text, { maxLength: 2 }),
  },
  { requiredKeys: ['name'] },
);
const deployment = fc
  .record(
    {
      replicas: fc.nat(3),
      containers: unique(container, (one) => one.name),
      labels,
      nodeSelector: labels,
    },
    { requiredKeys: ['containers'] },
  )
  .map(
    ({ replicas, containers, labels: all, nodeSelector }) =>
      ({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'x', ...(all ? { labels: all } : {}) },
        spec: {
          ...(replicas === undefined ? {} : { replicas }),
          template: { spec: { containers, ...(nodeSelector ? { nodeSelector } : {}) } },
        },
      }) as KubeObject,
  );

const widgetSchema = schemaOf(
  {
    type: 'object',
    properties: {
      spec: {
        type: 'object',
        'x-kubernetes-preserve-unknown-fields': true,
        properties: {
          tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' },
          parts: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name', 'zone'],
            items: {
              type: 'object',
              properties: { name: { type: 'string' }, zone: { type: 'string', default: 'any' }, n: { type: 'integer' } },
            },
          },
        },
      },
    },
  },
  {},
);
const part = fc.record({ name, zone: fc.constantFrom('any', 'z'), n: fc.nat(2) }, { requiredKeys: ['name'] });
const widgetSpec = fc.record(
  {
    tags: unique(text, (tag) => tag),
    parts: unique(part, (one) => [one.name, one.zone ?? 'any']),
    free: fc.dictionary(name, fc.oneof(text, labels), { maxKeys: 2 }),
  },
  { requiredKeys: [] },
);
const widget = widgetSpec.map((spec) => ({ apiVersion: 'x.io/v1', kind: 'Widget', metadata: { name: 'x' }, spec }) as KubeObject);

const kinds: [string, fc.Arbitrary<KubeObject>, SchemaNode][] = [
  ['Deployment', deployment, builtinSchema('apps/v1', 'Deployment')!],
  ['custom resource', widget, widgetSchema],
  ['object of an unknown kind', widget, untypedObjectSchema()],
];

function apply(live: KubeObject | undefined, applied: KubeObject, manager: string, schema: SchemaNode, now = NOW): KubeObject {
  return serverSideApply({ live, applied, manager, force: true, schema, now }).object;
}

function ownedBy(object: KubeObject, manager: string, schema: SchemaNode) {
  const entry = object.metadata.managedFields?.find((other) => other.manager === manager);
  return decodeFieldsV1(entry?.fieldsV1 ?? {}, schema);
}

describe.each(kinds)('server-side apply of a %s', (_kind, object, schema) => {
  // A list that one apply empties by removal is absent, as on the real server; only the next apply sets the empty list it states.
  test('is idempotent: repeated, it gives the very object back', () => {
    fc.assert(
      fc.property(object, object, object, (first, second, third) => {
        const applied = apply(apply(apply(undefined, first, 'a', schema), second, 'b', schema), third, 'a', schema);
        const states = (value: unknown) => JSON.stringify(value).includes('[]') || JSON.stringify(value).includes('{}');
        const live = states(third) ? apply(applied, third, 'a', schema) : applied;
        expect(apply(live, third, 'a', schema, LATER)).toBe(live);
      }),
      { numRuns: 60, seed: 1 },
    );
  });

  test('of what is live already changes no value', () => {
    fc.assert(
      fc.property(object, object, (first, second) => {
        const live = apply(apply(undefined, first, 'a', schema), second, 'b', schema);
        const again = apply(live, second, 'c', schema, LATER);
        const { added, modified, removed } = compareTyped(
          schema,
          { ...live, metadata: { name: 'x' } },
          { ...again, metadata: { name: 'x' } },
        );
        expect([added, modified, removed].every((set) => set.isEmpty)).toBe(true);
      }),
      { numRuns: 60, seed: 2 },
    );
  });

  test('leaves every applied field owned by its manager, and never changes its inputs', () => {
    fc.assert(
      fc.property(object, object, (first, second) => {
        const live = apply(undefined, first, 'a', schema);
        const copies = structuredClone([live, second]);
        const next = apply(live, second, 'b', schema);
        const missing = fieldSetOf(schema, second)
          .difference(NEVER_OWNED)
          .difference(ownedBy(next, 'b', schema));
        expect(missing.paths()).toEqual([]);
        expect([live, second]).toEqual(copies);
      }),
      { numRuns: 60, seed: 3 },
    );
  });

  test('of nothing removes all that only this manager had', () => {
    fc.assert(
      fc.property(object, object, (first, second) => {
        const mine = apply(apply(undefined, first, 'a', schema), second, 'b', schema);
        const { apiVersion, kind, metadata } = first;
        const left = apply(mine, { apiVersion, kind, metadata: { name: metadata.name } }, 'b', schema);
        const ownedByA = ownedBy(left, 'a', schema);
        const onlyB = ownedBy(mine, 'b', schema).difference(ownedByA);
        const leaves = onlyB.paths().filter((path) => fieldSetOf(schema, left).has(path));
        // What still stands on a path that only b had is there because something of a lies below it.
        for (const path of leaves) expect(ownedByA.paths().some((other) => path.every((element, i) => other[i] === element))).toBe(true);
        expect(left.metadata.managedFields?.some((entry) => entry.manager === 'b') ?? false).toBe(false);
      }),
      { numRuns: 60, seed: 4 },
    );
  });

  test('without force names the fields it would take as conflicts, and changes nothing', () => {
    fc.assert(
      fc.property(object, object, (first, second) => {
        const live = apply(undefined, first, 'a', schema);
        const { conflicts, object: same } = serverSideApply({ live, applied: second, manager: 'b', schema, now: NOW });
        const forced = apply(live, second, 'b', schema);
        const lost = ownedBy(live, 'a', schema).difference(ownedBy(forced, 'a', schema));
        const named = conflicts.flatMap(({ fields }) => fields);
        expect(lost.paths().map(describePath)).toEqual(expect.arrayContaining(named));
        expect(named.length > 0).toBe(!lost.isEmpty);
        if (conflicts.length > 0) expect(same).toBe(live);
      }),
      { numRuns: 60, seed: 5 },
    );
  });

  test('and updates together never own a field twice through an update', () => {
    fc.assert(
      fc.property(object, object, (first, second) => {
        const live = apply(undefined, first, 'a', schema);
        const after = { ...second, metadata: { ...second.metadata, managedFields: undefined } };
        const updated = updateManagedFields({ before: live, after, manager: 'u', schema, now: LATER });
        const both = ownedBy(updated, 'a', schema).intersection(ownedBy(updated, 'u', schema));
        expect(both.paths()).toEqual([]);
      }),
      { numRuns: 60, seed: 6 },
    );
  });
});

describe('patches', () => {
  const schema = builtinSchema('apps/v1', 'Deployment')!;

  test('an empty strategic merge patch is the identity', () => {
    fc.assert(
      fc.property(deployment, (live) => {
        expect(applyStrategicMergePatch(live, {}, schema)).toEqual(live);
      }),
      { numRuns: 60, seed: 7 },
    );
  });

  test('a strategic merge patch with the object itself is the identity', () => {
    fc.assert(
      fc.property(deployment, (live) => {
        const unambiguous = structuredClone(live) as KubeObject & { spec: { template: { spec: { containers: { ports?: unknown }[] } } } };
        // Ports are patched by number alone, so TCP and UDP of one number cannot be told apart.
        for (const one of unambiguous.spec.template.spec.containers) delete one.ports;
        expect(applyStrategicMergePatch(unambiguous, unambiguous, schema)).toEqual(unambiguous);
      }),
      { numRuns: 60, seed: 8 },
    );
  });

  test('a merge patch with the object itself gives the very object', () => {
    fc.assert(
      fc.property(deployment, (live) => {
        expect(applyMergePatch(live, structuredClone(live))).toBe(live);
      }),
      { numRuns: 60, seed: 9 },
    );
  });
});
