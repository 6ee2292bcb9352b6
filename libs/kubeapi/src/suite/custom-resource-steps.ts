import { get, patch, post, put, type RequestStep, remove, table } from './request-step.js';

const CRD_PATH = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** A kind defined while the server runs: pruning, defaults, validation, status, scale, printer columns. */
export function customResourceSteps(namespace: string): RequestStep[] {
  const all = `/apis/suite.flotilla.dev/v1/namespaces/${namespace}/widgets`;
  const one = `${all}/gear`;
  const widget = (name: string, spec: unknown, rest: Record<string, unknown> = {}): Record<string, unknown> => ({
    apiVersion: 'suite.flotilla.dev/v1',
    kind: 'Widget',
    metadata: { name },
    spec,
    ...rest,
  });
  return [
    post('define the kind', CRD_PATH, WIDGET_CRD, { isQuiet: true }),
    get('the kind is served', all, { untilStatus: 200 }),
    get('discovery of its version', '/apis/suite.flotilla.dev/v1', { untilStatus: 200 }),
    get('discovery of its group', '/apis/suite.flotilla.dev', { untilStatus: 200 }),
    post('create an invalid one', all, widget('gear', { size: 0, color: 'green', parts: [{ name: 1 }] })),
    post('create without a required field', all, widget('gear', {})),
    post('create another kind', all, { ...widget('gear', { size: 1 }), kind: 'Gadget' }),
    post('create', all, widget('gear', { size: 3, other: 1, parts: [{ name: 'x', more: 1 }] }, { status: { replicas: 3 }, x: 1 })),
    post('create with unknown fields, strictly', `${all}?fieldValidation=Strict`, widget('strict', { size: 3, other: 1 }, { x: 1 })),
    put('replace without a version', one, widget('gear', { size: 4 })),
    patch('merge patch', 'merge', one, { spec: { size: 5, replicas: 1 } }),
    patch('merge patch of a wrong type', 'merge', one, { spec: { size: 'x' } }),
    patch('strategic merge patch', 'strategic', one, {}),
    patch('apply with a conflict', 'apply', `${one}?fieldManager=applier`, widget('gear', { size: 9 })),
    patch('apply an unknown field', 'apply', `${one}?fieldManager=applier`, widget('gear', { size: 5, nope: 1 })),
    patch('apply with force', 'apply', `${one}?fieldManager=applier&force=true`, widget('gear', { size: 9 })),
    patch('write the status', 'merge', `${one}/status`, { status: { replicas: 1 } }),
    get('read the scale', `${one}/scale`),
    patch('write the scale', 'merge', `${one}/scale`, { spec: { replicas: 4 } }),
    get('get', one),
    table('table', all),
    get('a sibling resource that is not there', `/apis/suite.flotilla.dev/v1/namespaces/${namespace}/gadgets`),
    get('a version that is not there', '/apis/suite.flotilla.dev/v2'),
    remove('delete', one),
    remove('withdraw the kind', `${CRD_PATH}/widgets.suite.flotilla.dev`, undefined, { isQuiet: true }),
  ];
}

const WIDGET_SCHEMA = {
  type: 'object',
  properties: {
    spec: {
      type: 'object',
      required: ['size'],
      properties: {
        size: { type: 'integer', minimum: 1 },
        replicas: { type: 'integer' },
        color: { type: 'string', default: 'red', enum: ['red', 'blue'] },
        parts: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
      },
    },
    status: { type: 'object', properties: { replicas: { type: 'integer' } } },
  },
} as const;

const WIDGET_CRD = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.suite.flotilla.dev' },
  spec: {
    group: 'suite.flotilla.dev',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList', shortNames: ['wg'] },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {}, scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' } },
        additionalPrinterColumns: [
          { name: 'Size', type: 'integer', jsonPath: '.spec.size' },
          { name: 'Made', type: 'date', jsonPath: '.metadata.creationTimestamp' },
        ],
        schema: { openAPIV3Schema: WIDGET_SCHEMA },
      },
    ],
  },
} as const;
