import { describe, expect, test } from 'vitest';
import {
  applyDefaults,
  builtinOpenApi,
  builtinSchema,
  type OpenApiSchema,
  pruneUnknown,
  schemaOf,
  untypedObjectSchema,
  validateObject,
} from './index.js';

const deployment = (spec: unknown) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, spec });
const template = (containers: unknown) => ({ selector: {}, template: { spec: { containers } } });

describe('the schemas of the built-in kinds', () => {
  const api = builtinOpenApi();

  test('cover the kinds people deploy, with discovery data', () => {
    expect(api.version).toMatch(/^v1\.36\./);
    expect(api.groupVersions()).toContain('apps/v1');
    expect(Object.keys(api.kinds('v1'))).toEqual(expect.arrayContaining(['Pod', 'Service', 'ConfigMap', 'Secret', 'Namespace']));
    expect(api.resources('apps/v1').find(({ name }) => name === 'deployments')).toMatchObject({
      kind: 'Deployment',
      shortNames: ['deploy'],
    });
  });

  test('make a self-contained document per group version, with descriptions', () => {
    const { components } = api.document('apps/v1');
    const names = [...JSON.stringify(components).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name!);
    expect(names.filter((name) => !(name in components.schemas))).toEqual([]);
    expect(components.schemas['io.k8s.api.apps.v1.DeploymentSpec']?.properties?.replicas?.description).toContain('Number of desired pods');
  });

  test('know list types, merge keys, enums and defaults', () => {
    const pod = builtinSchema('v1', 'Pod')!.fields.get('spec')!;
    const containers = pod.fields.get('containers')!;
    expect(containers).toMatchObject({ kind: 'list', listType: 'map', listKeys: ['name'], patchStrategy: 'merge', patchMergeKey: 'name' });
    expect(containers.item!.fields.get('ports')).toMatchObject({ listKeys: ['containerPort', 'protocol'], patchMergeKey: 'containerPort' });
    expect(containers.item!.fields.get('args')).toMatchObject({ listType: 'atomic' });
    expect(pod.fields.get('nodeSelector')).toMatchObject({ kind: 'map', mapType: 'atomic' });
    expect(pod.fields.get('restartPolicy')!.enum).toContain('OnFailure');
  });

  test('follow schemas that contain themselves', () => {
    const crd = builtinSchema('apiextensions.k8s.io/v1', 'CustomResourceDefinition')!;
    let node = crd.fields.get('spec')!.fields.get('versions')!.item!.fields.get('schema')!.fields.get('openAPIV3Schema')!;
    for (let depth = 0; depth < 20; depth++) node = node.fields.get('properties')!.item!;
    expect(node.fields.has('pattern')).toBe(true);
  });

  test('are compiled once', () => {
    expect(builtinSchema('apps/v1', 'Deployment')).toBe(builtinSchema('apps/v1', 'Deployment'));
    expect(builtinSchema('apps/v1', 'toString')).toBeUndefined();
  });
});

describe('validation', () => {
  const schema = builtinSchema('apps/v1', 'Deployment')!;

  test('names unknown fields with their full path', () => {
    const { unknown } = validateObject(deployment({ ...template([{ name: 'a', imagePullpolicy: 'Always' }]), foo: 1 }), schema);
    expect(unknown).toEqual(['spec.template.spec.containers[0].imagePullpolicy', 'spec.foo']);
  });

  test('reports required fields, wrong types and values outside an enum', () => {
    const { invalid } = validateObject(deployment({ ...template([{ imagePullPolicy: 'Often' }]), replicas: 'two' }), schema);
    expect(invalid).toEqual([
      { field: 'spec.template.spec.containers[0].name', reason: 'FieldValueRequired', message: 'Required value' },
      {
        field: 'spec.template.spec.containers[0].imagePullPolicy',
        reason: 'FieldValueNotSupported',
        message: 'Unsupported value: "Often": supported values: "Always", "IfNotPresent", "Never"',
      },
      {
        field: 'spec.replicas',
        reason: 'FieldValueTypeInvalid',
        message: 'Invalid value: "string": spec.replicas in body must be of type integer: "string"',
      },
    ]);
  });

  test('accepts quantities as numbers and strings, ports by name or number', () => {
    const containers = [{ name: 'a', resources: { limits: { cpu: 1, memory: '1Gi' } }, livenessProbe: { httpGet: { port: 'http' } } }];
    expect(validateObject(deployment(template(containers)), schema)).toEqual({ unknown: [], invalid: [] });
  });
});

const custom: OpenApiSchema = {
  type: 'object',
  required: ['spec'],
  properties: {
    metadata: { type: 'object' },
    spec: {
      type: 'object',
      properties: {
        size: { type: 'integer', minimum: 1, maximum: 9, default: 1 },
        mode: { type: 'string', enum: ['fast', 'slow'] },
        code: { type: 'string', pattern: '^[a-z]+$', maxLength: 3 },
        at: { type: 'string', format: 'date-time' },
        note: { type: 'string', nullable: true },
        port: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] },
        tags: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set', maxItems: 2 },
        target: {
          type: 'object',
          properties: { a: { type: 'string' }, b: { type: 'string' } },
          oneOf: [{ required: ['a'] }, { required: ['b'] }],
        },
        inner: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
        deep: { type: 'object', default: {}, properties: { level: { type: 'string', default: 'low' } } },
      },
    },
  },
};

describe('custom resources', () => {
  const schema = schemaOf(custom, {});
  const widget = (spec: unknown) => ({ apiVersion: 'x.io/v1', kind: 'Widget', metadata: { name: 'x', labels: { a: 'b' } }, spec });
  const reasons = (spec: unknown) => validateObject(widget(spec), schema).invalid.map(({ field, reason }) => `${field} ${reason}`);

  test.each([
    [{ size: 0 }, 'spec.size FieldValueInvalid'],
    [{ size: 10 }, 'spec.size FieldValueInvalid'],
    [{ size: 1.5 }, 'spec.size FieldValueTypeInvalid'],
    [{ mode: 'x' }, 'spec.mode FieldValueNotSupported'],
    [{ code: 'A' }, 'spec.code FieldValueInvalid'],
    [{ code: 'abcd' }, 'spec.code FieldValueTooLong'],
    [{ at: 'yesterday' }, 'spec.at FieldValueInvalid'],
    [{ mode: null }, 'spec.mode FieldValueTypeInvalid'],
    [{ port: 1.5 }, 'spec.port FieldValueTypeInvalid'],
    [{ tags: ['a', 'a'] }, 'spec.tags[1] FieldValueDuplicate'],
    [{ tags: ['a', 'b', 'c'] }, 'spec.tags FieldValueTooMany'],
    [{ target: { a: '1', b: '1' } }, 'spec.target FieldValueInvalid'],
  ])('%j is refused', (spec, reason) => {
    expect(reasons(spec)).toEqual([reason]);
  });

  test('what fits is accepted', () => {
    const spec = {
      size: 3,
      mode: 'fast',
      code: 'abc',
      at: '2026-01-01T00:00:00Z',
      note: null,
      port: 'http',
      tags: ['a'],
      target: { a: '1' },
    };
    expect(validateObject(widget(spec), schema)).toEqual({ unknown: [], invalid: [] });
  });

  test('metadata has the fields of every object, whatever the CRD says', () => {
    expect(validateObject({ ...widget({}), metadata: { name: 'x', nickname: 'y' } }, schema).unknown).toEqual(['metadata.nickname']);
    expect(schema.fields.get('metadata')!.fields.get('finalizers')).toMatchObject({ listType: 'set' });
  });

  test('embedded objects keep what they have and know their metadata', () => {
    const inner = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'y', odd: 1 }, spec: { anything: true } };
    expect(validateObject(widget({ inner }), schema).unknown).toEqual(['spec.inner.metadata.odd']);
  });

  test('pruning removes unknown fields only, and copies nothing when there are none', () => {
    const clean = widget({ size: 2 });
    expect(pruneUnknown(clean, schema)).toBe(clean);
    expect(pruneUnknown(widget({ size: 2, other: 1 }), schema)).toEqual(clean);
  });

  test('defaults fill in absent fields, in nested defaults too, and null where null cannot stand', () => {
    expect(applyDefaults(widget({ size: null }), schema).spec).toEqual({ size: 1, deep: { level: 'low' } });
    const full = widget({ size: 5, deep: { level: 'high' } });
    expect(applyDefaults(full, schema)).toBe(full);
  });
});

describe('defaults of built-in kinds', () => {
  test('are the empty structs and constants of the server, never zero values', () => {
    const schema = builtinSchema('apps/v1', 'Deployment')!;
    const { spec, status } = applyDefaults(
      deployment(template([{ name: 'a', ports: [{ containerPort: 80 }] }])),
      schema,
    ) as never as Record<string, unknown>;
    expect(status).toEqual({});
    expect(spec).toEqual({
      selector: {},
      strategy: {},
      template: { metadata: {}, spec: { containers: [{ name: 'a', ports: [{ containerPort: 80, protocol: 'TCP' }], resources: {} }] } },
    });
  });
});

describe('objects of unknown kinds', () => {
  test('take every field besides metadata', () => {
    const object = { apiVersion: 'x/v1', kind: 'Y', metadata: { name: 'x' }, anything: [{ goes: 1 }] };
    expect(validateObject(object, untypedObjectSchema())).toEqual({ unknown: [], invalid: [] });
  });
});
