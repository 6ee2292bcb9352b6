// The cases that record-patch.mjs plays against a real kube-apiserver: hand-made ones, one create per built-in kind, and generated ones.
// A step is { verb: create|update|apply|merge|strategic|json, body, manager, force, subresource, edit }; `edit` makes the body of an
// update from the live object.
import { createCases } from './patch-create-cases.mjs';
import { generatedCases } from './patch-generated-cases.mjs';

const configMap = (name, rest) => ({ apiVersion: 'v1', kind: 'ConfigMap', ...rest, metadata: { name, ...rest.metadata } });
const apply = (manager, body, more = {}) => ({ verb: 'apply', manager, body, ...more });
const edit = (manager, change, more = {}) => ({ verb: 'update', manager, edit: change, ...more });

const container = (name, more = {}) => ({ name, image: `${name}:1`, ...more });
export const deployment = (name, spec = {}, metadata = {}, pod = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, ...metadata },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [container('web')], ...pod } },
    ...spec,
  },
});
const pod = (name, spec, more = {}) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name }, spec: { template: { spec } }, ...more });
const service = (name, spec) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec });
const owner = (uid, more = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', name: `o-${uid}`, uid, ...more });
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

function configMapCases() {
  const cm = (rest) => configMap('x', rest);
  return {
    'a second manager shares, conflicts, forces and leaves': [
      apply('a', cm({ data: { one: '1', two: '2' } })),
      apply('b', cm({ data: { one: '1' } })),
      apply('b', cm({ data: { one: 'changed' } })),
      apply('b', cm({ data: { one: 'changed', three: '3' } }), { force: true }),
      apply('a', cm({ data: { two: '2' } })),
      apply('b', cm({})),
      apply('a', cm({})),
    ],
    'removing a shared key keeps it, removing an own key drops it': [
      apply('a', cm({ data: { one: '1', two: '2' }, metadata: { labels: { l: '1' }, annotations: { n: '1' } } })),
      apply('b', cm({ data: { one: '1' }, metadata: { labels: { l: '1', m: '2' } } })),
      apply('a', cm({ data: { two: '2' } })),
      apply('a', cm({})),
      apply('b', cm({ metadata: { labels: { m: '2' } } })),
      apply('b', cm({})),
    ],
    'applying the same again changes nothing': [
      apply('a', cm({ data: { one: '1' }, metadata: { labels: { l: '1' } } })),
      apply('a', cm({ data: { one: '1' }, metadata: { labels: { l: '1' } } })),
      apply('b', cm({ data: { one: '1' } })),
      apply('b', cm({ data: { one: '1' } })),
      edit('c', (live) => live),
    ],
    'finalizers are a set': [
      apply('a', cm({ metadata: { finalizers: ['x.io/a', 'x.io/b'] } })),
      apply('b', cm({ metadata: { finalizers: ['x.io/c', 'x.io/b'] } })),
      apply('a', cm({ metadata: { finalizers: ['x.io/b'] } })),
      { verb: 'strategic', manager: 'k', body: { metadata: { finalizers: ['x.io/d'] } } },
      { verb: 'strategic', manager: 'k', body: { metadata: { '$deleteFromPrimitiveList/finalizers': ['x.io/b', 'x.io/c'] } } },
      { verb: 'strategic', manager: 'k', body: { metadata: { '$setElementOrder/finalizers': ['x.io/d', 'x.io/b', 'x.io/a'], finalizers: ['x.io/a'] } } },
      apply('a', cm({})),
      apply('b', cm({})),
    ],
    'owner references are keyed by uid and owned as a whole': [
      apply('a', cm({ metadata: { ownerReferences: [owner('u1'), owner('u2', { controller: true })] } })),
      apply('b', cm({ metadata: { ownerReferences: [owner('u3'), owner('u1')] } })),
      apply('b', cm({ metadata: { ownerReferences: [owner('u2', { controller: false })] } })),
      apply('a', cm({ metadata: { ownerReferences: [owner('u2', { controller: true })] } })),
      { verb: 'strategic', manager: 'k', body: { metadata: { ownerReferences: [{ uid: 'u3', $patch: 'delete' }, owner('u4')] } } },
    ],
    'updates own what they change and take it from others': [
      apply('a', cm({ data: { one: '1', two: '2' } })),
      edit('u', (live) => ({ ...live, data: { ...live.data, one: 'u', new: 'u' } })),
      apply('a', cm({ data: { one: '1', two: '2' } })),
      apply('a', cm({ data: { one: '1', two: '2' } }), { force: true }),
      edit('u', (live) => ({ ...live, data: { two: '2' } })),
      { verb: 'merge', manager: 'u', body: { data: { two: null, three: '3' }, metadata: { labels: { a: 'b' } } } },
      { verb: 'merge', manager: 'v', body: { metadata: { labels: null, annotations: { z: '1' } } } },
    ],
    'JSON patches change, test and move': [
      { verb: 'create', manager: 'c', body: cm({ data: { one: '1' }, metadata: { annotations: { 'x.io/a': 'x' } } }) },
      { verb: 'json', manager: 'j', body: [{ op: 'test', path: '/data/one', value: '1' }, { op: 'replace', path: '/data/one', value: '2' }] },
      { verb: 'json', manager: 'j', body: [{ op: 'add', path: '/metadata/labels', value: { l: '1' } }, { op: 'move', from: '/metadata/annotations/x.io~1a', path: '/data/c' }] },
      { verb: 'json', manager: 'j', body: [{ op: 'remove', path: '/data/none' }] },
      { verb: 'json', manager: 'j', body: [{ op: 'test', path: '/data/one', value: 'no' }] },
      { verb: 'json', manager: 'j', body: [{ op: 'copy', from: '/data/one', path: '/data/d' }, { op: 'remove', path: '/metadata/labels' }] },
    ],
    'cleared managedFields start again with before-first-apply': [
      { verb: 'create', manager: 'c', body: cm({ data: { one: '1', two: '2' }, metadata: { labels: { l: '1' } } }) },
      edit('c', (live) => ({ ...live, metadata: { ...live.metadata, managedFields: [{}] } })),
      edit('c', (live) => ({ ...live, data: { ...live.data, three: '3' } })),
      apply('a', cm({ data: { one: '1' } })),
      apply('a', cm({ data: { one: 'x', four: '4' } })),
      apply('a', cm({ data: { one: 'x', four: '4' } }), { force: true }),
    ],
    'a client may edit managedFields': [
      apply('a', cm({ data: { one: '1', two: '2' } })),
      edit('e', (live) => ({
        ...live,
        metadata: { ...live.metadata, managedFields: live.metadata.managedFields.map((entry) => ({ ...entry, manager: 'renamed' })) },
      })),
      apply('renamed', cm({ data: { one: '1' } })),
    ],
    'kubectl takes over from its client-side apply': [
      {
        verb: 'create',
        manager: 'kubectl-client-side-apply',
        body: cm({
          data: { one: '1', two: '2' },
          metadata: { annotations: { [LAST_APPLIED]: `${JSON.stringify({ apiVersion: 'v1', data: { one: '1', two: '2' }, kind: 'ConfigMap', metadata: { name: 'x' } })}\n` } },
        }),
      },
      apply('kubectl', cm({ data: { one: 'new', two: '2' } })),
      edit('other', (live) => ({ ...live, data: { ...live.data, two: 'other' } })),
      apply('kubectl', cm({ data: { one: 'new', two: '3' } })),
      apply('kubectl', cm({ data: { one: 'newer' } })),
    ],
    'odd set values keep their form': [
      apply('a', cm({ metadata: { annotations: { 'x.io/<&>': '1' } } })),
      apply('a', cm({ metadata: { ownerReferences: [owner('<u&1>')] } })),
      apply('b', cm({ metadata: { ownerReferences: [owner('<u&1>'), owner('"q"')] } })),
      apply('a', cm({})),
    ],
    'odd keys stay keys': [
      apply('a', cm({ data: { constructor: 'x', toString: 'y' } })),
      apply('a', cm({ data: { constructor: 'x', toString: 'y', hasOwnProperty: '1' } })),
      apply('b', cm({ data: { constructor: 'z' } })),
      apply('a', cm({ data: { '.dot': '1', f_oo: '2' } })),
    ],
    'nulls and empty values': [
      apply('a', cm({ data: {}, metadata: { labels: {} } })),
      apply('a', cm({ data: { one: '1' }, metadata: { labels: null } })),
      apply('a', cm({ data: null })),
      apply('b', cm({ data: { two: '2' } })),
      apply('b', cm({ data: {} })),
    ],
    'wrong types and unknown fields are refused': [
      apply('a', cm({ data: { one: 1 } })),
      apply('a', cm({ foo: 1, bar: 2 })),
      apply('a', cm({ data: ['x'] })),
      apply('a', cm({ metadata: { finalizers: ['a.io/x', 'a.io/x'] } })),
    ],
    'old updaters fold into ancient changes': [
      ...Array.from({ length: 12 }, (_, i) => ({ verb: i ? 'merge' : 'create', manager: `m${i}`, body: cm({ data: { [`k${i}`]: 'v' } }) })),
      apply('a', cm({ data: { k0: 'v' } })),
      { verb: 'merge', manager: 'm12', body: { data: { k3: 'changed' } } },
    ],
  };
}

function deploymentCases() {
  const d = (spec, metadata, more) => deployment('x', spec, metadata, more);
  const one = (web, more = {}) => pod('x', { containers: [{ name: 'web', ...web }], ...more });
  return {
    'create by kubectl, then apply of a part': [
      { verb: 'create', manager: 'kubectl-create', body: d({ replicas: 2 }) },
      apply('flotilla', d({ replicas: 2 })),
      apply('flotilla', d({ replicas: 3 })),
      apply('flotilla', d({ replicas: 3 }), { force: true }),
      apply('flotilla', d()),
    ],
    'env, ports and mounts of two managers': [
      apply('a', d({}, {}, { volumes: [{ name: 'v', emptyDir: {} }], containers: [container('web', { env: [{ name: 'A', value: '1' }, { name: 'B', value: '2' }], ports: [{ containerPort: 80 }], volumeMounts: [{ name: 'v', mountPath: '/v' }] })] })),
      apply('b', one({ env: [{ name: 'C', value: '3' }, { name: 'A', value: '1' }], ports: [{ containerPort: 80, protocol: 'TCP' }, { containerPort: 80, protocol: 'UDP' }] })),
      apply('b', one({ env: [{ name: 'B', value: 'no' }], ports: [{ containerPort: 80, name: 'http' }] })),
      apply('a', d({}, {}, { containers: [container('web', { env: [{ name: 'B', value: '2' }] })] })),
      apply('b', one({ env: [] })),
      apply('b', pod('x', {})),
    ],
    'containers come and go': [
      apply('a', d({}, {}, { containers: [container('web'), container('side')] })),
      apply('b', pod('x', { containers: [container('extra')], initContainers: [container('init')] })),
      apply('a', d({}, {}, { containers: [container('side'), container('web')] })),
      apply('a', d({}, {}, { containers: [container('web')] })),
      apply('b', pod('x', { containers: [{ name: 'extra', image: 'extra:2' }] })),
      apply('b', pod('x', {})),
    ],
    'atomic lists and maps are one field': [
      apply('a', d({}, {}, { nodeSelector: { a: '1' }, tolerations: [{ key: 'k', operator: 'Exists' }], containers: [container('web', { args: ['a', 'b'] })] })),
      apply('b', pod('x', { nodeSelector: { b: '2' } })),
      apply('b', pod('x', { tolerations: [{ key: 'k', operator: 'Exists' }] })),
      apply('b', pod('x', { containers: [{ name: 'web', args: ['a'] }] }), { force: true }),
      apply('a', d()),
      apply('b', pod('x', {})),
    ],
    'quantities, probes and resources': [
      apply('a', d({}, {}, { containers: [container('web', { resources: { limits: { cpu: '100m', memory: '1Gi' }, requests: { cpu: '50m' } }, readinessProbe: { httpGet: { path: '/', port: 80 } } })] })),
      apply('b', one({ resources: { limits: { cpu: '200m' } } })),
      apply('b', one({ resources: { limits: { cpu: '200m' } } }), { force: true }),
      apply('b', one({ readinessProbe: { httpGet: { port: 'http' }, periodSeconds: 5 } }), { force: true }),
      apply('a', d()),
    ],
    'a scaler owns replicas': [
      apply('a', d({ replicas: 1 })),
      edit('hpa', (live) => ({ ...live, spec: { ...live.spec, replicas: 5 } })),
      apply('a', d({ replicas: 1 })),
      apply('a', d()),
      apply('a', d({ replicas: 5 })),
    ],
    'status belongs to the status subresource': [
      apply('a', { ...d(), status: { replicas: 7 } }),
      { verb: 'merge', manager: 'controller', subresource: 'status', body: { status: { replicas: 1, observedGeneration: 1, conditions: [{ type: 'Available', status: 'True', reason: 'r', message: 'm', lastUpdateTime: '2026-01-01T00:00:00Z', lastTransitionTime: '2026-01-01T00:00:00Z' }] }, spec: { replicas: 9 } } },
      apply('s', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, status: { conditions: [{ type: 'Progressing', status: 'True' }] } }, { subresource: 'status' }),
      apply('s', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, status: { replicas: 3 } }, { subresource: 'status' }),
      apply('s', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'x' }, status: {} }, { subresource: 'status', force: true }),
      apply('a', d({ replicas: 2 })),
    ],
    'strategic merge of containers, env and volumes': [
      { verb: 'create', manager: 'c', body: d({}, {}, { volumes: [{ name: 'v', emptyDir: {} }, { name: 'w', configMap: { name: 'w' } }], containers: [container('web', { env: [{ name: 'A', value: '1' }, { name: 'B', value: '2' }], ports: [{ containerPort: 80 }] }), container('side')] }) },
      { verb: 'strategic', manager: 'k', body: { spec: { template: { spec: { containers: [{ name: 'web', image: 'web:2', env: [{ name: 'C', value: '3' }, { name: 'A', value: 'x' }] }] } } } } },
      { verb: 'strategic', manager: 'k', body: { spec: { template: { spec: { containers: [{ name: 'web', env: [{ name: 'B', $patch: 'delete' }] }, { name: 'side', $patch: 'delete' }, container('new')] } } } } },
      { verb: 'strategic', manager: 'k', body: { spec: { template: { spec: { '$setElementOrder/containers': [{ name: 'new' }, { name: 'web' }], containers: [{ name: 'web', image: 'web:3', '$setElementOrder/env': [{ name: 'C' }, { name: 'A' }] }] } } } } },
      { verb: 'strategic', manager: 'k', body: { spec: { template: { spec: { volumes: [{ name: 'v', $retainKeys: ['name', 'hostPath'], hostPath: { path: '/x' } }, { name: 'w', $patch: 'delete' }] } } } } },
      { verb: 'strategic', manager: 'k', body: { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } } },
      { verb: 'strategic', manager: 'k', body: { spec: { template: { spec: { containers: [{ $patch: 'replace' }, container('only')] } } } } },
      { verb: 'strategic', manager: 'k', body: { spec: { template: { metadata: { annotations: { a: '1' } }, spec: { nodeSelector: { $patch: 'replace', b: '2' } } } } } },
      { verb: 'strategic', manager: 'k', body: { spec: { template: { spec: { nodeSelector: { c: '3' }, volumes: null } } } } },
      { verb: 'strategic', manager: 'k', body: {} },
      { verb: 'strategic', manager: 'k', body: { spec: { template: { spec: { containers: [{ image: 'nokey' }] } } } } },
      { verb: 'strategic', manager: 'k', body: { spec: { strategy: { $retainKeys: ['rollingUpdate'], type: 'Recreate' } } } },
      { verb: 'strategic', manager: 'k', body: { spec: { template: { spec: { containers: [{ name: 'only', ports: [{ containerPort: 1 }, { containerPort: 2 }] }] } } } } },
      { verb: 'strategic', manager: 'k', body: { spec: { template: { spec: { containers: [{ name: 'only', ports: [{ containerPort: 3 }, { containerPort: 1, name: 'one' }] }] } } } } },
      { verb: 'merge', manager: 'k', body: { spec: { template: { spec: { containers: [container('merged', { env: [{ name: 'Z' }] })] } } } } },
    ],
    'unknown fields of an apply are refused': [
      apply('a', d({ foo: 1 })),
      apply('a', d({}, {}, { containers: [container('web', { imagePullpolicy: 'Always' })] })),
      apply('a', d({ replicas: 'two' })),
      apply('a', d({}, {}, { containers: [container('web'), container('web')] })),
      apply('a', d({}, {}, { containers: [{ image: 'x' }] })),
    ],
    'topology, affinity and pull secrets': [
      apply('a', d({}, {}, { imagePullSecrets: [{ name: 's' }], hostAliases: [{ ip: '1.1.1.1', hostnames: ['h'] }], topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'zone', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: { a: 'b' } } }] })),
      apply('b', pod('x', { imagePullSecrets: [{ name: 't' }], hostAliases: [{ ip: '1.1.1.1', hostnames: ['i'] }] })),
      apply('b', pod('x', { imagePullSecrets: [{ name: 't' }, { name: 's' }] })),
      apply('a', d()),
    ],
  };
}

function serviceCases() {
  const allocated = ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'].map((field) => `spec.${field}`);
  return {
    'ports are keyed by port and protocol': [
      apply('a', service('x', { ports: [{ port: 80, name: 'http' }, { port: 53, protocol: 'UDP', name: 'dns' }], selector: { a: 'b' } }), { allocated }),
      apply('b', service('x', { ports: [{ port: 80, targetPort: 8080 }, { port: 53, name: 'dns-tcp' }] })),
      apply('b', service('x', { ports: [{ port: 80, targetPort: 8080 }, { port: 53, name: 'dns-tcp' }] }), { force: true }),
      apply('a', service('x', { ports: [{ port: 53, protocol: 'UDP', name: 'dns' }], selector: { a: 'c' } })),
      { verb: 'strategic', manager: 'k', body: { spec: { ports: [{ port: 53, targetPort: 54 }] } } },
      { verb: 'strategic', manager: 'k', body: { spec: { '$setElementOrder/ports': [{ port: 443 }, { port: 53 }, { port: 80 }], ports: [{ port: 443, name: 'tls' }] } } },
      apply('b', service('x', {})),
    ],
    'create by POST': [
      { verb: 'create', manager: 'c', allocated, body: service('x', { ports: [{ port: 80 }], selector: { a: 'b' } }) },
      { verb: 'merge', manager: 'm', body: { spec: { selector: { c: 'd' }, ports: [{ port: 80, name: 'n' }] } } },
      apply('c', service('x', { ports: [{ port: 80 }], selector: { a: 'b' } })),
    ],
  };
}

export const WIDGETS = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.test.flotilla.dev' },
  spec: {
    group: 'test.flotilla.dev',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                properties: {
                  size: { type: 'integer', default: 1 },
                  note: { type: 'string', nullable: true },
                  level: { 'x-kubernetes-int-or-string': true },
                  tags: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
                  words: { type: 'array', items: { type: 'string' } },
                  parts: {
                    type: 'array',
                    'x-kubernetes-list-type': 'map',
                    'x-kubernetes-list-map-keys': ['name', 'zone'],
                    items: {
                      type: 'object',
                      required: ['name'],
                      properties: {
                        name: { type: 'string' },
                        zone: { type: 'string', default: 'any' },
                        count: { type: 'integer' },
                        labels: { type: 'object', additionalProperties: { type: 'string' } },
                      },
                    },
                  },
                  settings: { type: 'object', 'x-kubernetes-map-type': 'atomic', additionalProperties: { type: 'string' } },
                  free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
                  mixed: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, properties: { known: { type: 'string' } } },
                  nested: { type: 'object', properties: { a: { type: 'object', properties: { b: { type: 'string' }, c: { type: 'string' } } } } },
                },
              },
              status: { type: 'object', properties: { phase: { type: 'string' }, conditions: { type: 'array', 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['type'], items: { type: 'object', required: ['type'], properties: { type: { type: 'string' }, status: { type: 'string' } } } } } },
            },
          },
        },
      },
    ],
  },
};

function customCases() {
  const w = (spec, more = {}) => ({ apiVersion: 'test.flotilla.dev/v1', kind: 'Widget', metadata: { name: 'x' }, spec, ...more });
  return {
    'map lists with a defaulted key': [
      apply('a', w({ parts: [{ name: 'p', count: 1 }, { name: 'p', zone: 'z', count: 2 }] })),
      apply('b', w({ parts: [{ name: 'p', zone: 'any', labels: { l: '1' } }, { name: 'q' }] })),
      apply('b', w({ parts: [{ name: 'p', count: 5 }] })),
      apply('a', w({ parts: [{ name: 'p', zone: 'z', count: 2 }] })),
      apply('a', w({ parts: [] })),
      apply('a', w({})),
      apply('b', w({})),
    ],
    'sets, atomic maps and free objects': [
      apply('a', w({ tags: ['b', 'a'], words: ['x', 'y'], settings: { k: '1' }, free: { a: { b: 1 }, list: [1, 2] } })),
      apply('b', w({ tags: ['c', 'a'], free: { a: { c: 2 } } })),
      apply('b', w({ settings: { l: '2' }, words: ['x'] })),
      apply('b', w({ settings: { l: '2' }, words: ['x'], free: { list: [1, 2] } }), { force: true }),
      apply('a', w({ tags: ['b'], free: { a: { b: 1 } } })),
      apply('a', w({ free: { a: 'scalar now' } })),
      apply('a', w({ free: { a: 'scalar now' } }), { force: true }),
      apply('b', w({})),
    ],
    'nested structs appear and go': [
      apply('a', w({ nested: { a: { b: '1' } }, mixed: { known: 'k', other: { deep: 1 } } })),
      apply('b', w({ nested: { a: { c: '2' } }, mixed: { other: { more: 2 } } })),
      apply('a', w({})),
      apply('b', w({})),
      { verb: 'merge', manager: 'm', body: { spec: { nested: { a: { b: 'm' } }, level: 3, note: null } } },
      { verb: 'merge', manager: 'm', body: { spec: { nested: null, level: 'high' } } },
    ],
    'updates and JSON patches of custom resources': [
      { verb: 'create', manager: 'c', body: w({ parts: [{ name: 'p', zone: 'any' }], tags: ['a'], free: { x: 1, y: { z: [1] } } }) },
      { verb: 'json', manager: 'j', body: [{ op: 'add', path: '/spec/parts/-', value: { name: 'q', zone: 'r' } }, { op: 'replace', path: '/spec/free/y/z/0', value: 2 }] },
      edit('u', (live) => ({ ...live, spec: { ...live.spec, tags: ['a', 'b'], free: { x: { now: 'object' } } } })),
      apply('a', w({ tags: ['b'], parts: [{ name: 'q', zone: 'r', count: 1 }] })),
    ],
    'status subresource of custom resources': [
      apply('a', w({ size: 2 }, { status: { phase: 'ignored' } })),
      apply('s', { ...w(undefined), spec: undefined, status: { phase: 'Ready', conditions: [{ type: 'A', status: 'True' }] } }, { subresource: 'status' }),
      apply('t', { ...w({ size: 9 }), status: { conditions: [{ type: 'B', status: 'True' }, { type: 'A', status: 'False' }] } }, { subresource: 'status' }),
      apply('t', { ...w(undefined), spec: undefined, status: { conditions: [{ type: 'B', status: 'True' }] } }, { subresource: 'status' }),
      { verb: 'merge', manager: 'm', subresource: 'status', body: { status: { phase: 'Failed' }, metadata: { labels: { l: '1' } } } },
      apply('a', w({})),
    ],
    'wrong custom resources are refused': [apply('a', w({ foo: 1 })), apply('a', w({ size: 'x' })), apply('a', w({ tags: ['a', 'a'] }))],
  };
}

const named = (kind, cases) => Object.entries(cases).map(([name, steps]) => ({ name: `${kind}: ${name}`, steps }));

export const CASES = [
  ...named('ConfigMap', configMapCases()),
  ...named('Deployment', deploymentCases()),
  ...named('Service', serviceCases()),
  ...named('Widget', customCases()),
  ...createCases(),
  ...generatedCases(deployment),
];
