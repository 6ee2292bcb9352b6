import { isObject } from '@flotilla/kernel';
import type { ResourceColumn } from '../api/api-resource.js';
import type { KubeObject } from '../storage.js';
import { ageOf, humanDuration } from '../table/age.js';

type Cell = (object: KubeObject, nowMs: number) => unknown;

const text = (name: string, value: Cell, description = ''): ResourceColumn => ({ name, type: 'string', description, value });
const wide = (name: string, value: Cell, description = ''): ResourceColumn => ({ ...text(name, value, description), priority: 1 });

/** A nested value, or undefined where the way ends. */
export function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((current, name) => (isObject(current) && Object.hasOwn(current, name) ? current[name] : undefined), value);
}

const number = (value: unknown): number => (typeof value === 'number' ? value : 0);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const join = (items: unknown[], name: string): string => items.map((item) => String(at(item, name) ?? '')).join(',');
const orNone = (value: unknown): string => (value === undefined || value === '' ? '<none>' : String(value));
const size = (value: unknown): number => (isObject(value) ? Object.keys(value).length : 0);

const containers: Cell = (object) => join(list(at(object, 'spec', 'template', 'spec', 'containers')), 'name');
const images: Cell = (object) => join(list(at(object, 'spec', 'template', 'spec', 'containers')), 'image');
const selector: Cell = (object) => selectorText(at(object, 'spec', 'selector', 'matchLabels'));
const WORKLOAD_WIDE = [
  wide('Containers', containers, 'Names of each container in the template.'),
  wide('Images', images, 'Images referenced by each container in the template.'),
];

function selectorText(labels: unknown): string {
  if (!isObject(labels) || size(labels) === 0) return '<none>';
  return Object.entries(labels)
    .map(([key, value]) => `${key}=${String(value)}`)
    .sort()
    .join(',');
}

function readyOfDesired(object: KubeObject): string {
  return `${number(at(object, 'status', 'readyReplicas'))}/${number(at(object, 'spec', 'replicas') ?? 1)}`;
}

function readyContainers(object: KubeObject): string {
  const statuses = list(at(object, 'status', 'containerStatuses'));
  return `${statuses.filter((status) => at(status, 'ready') === true).length}/${list(at(object, 'spec', 'containers')).length}`;
}

function podStatus(object: KubeObject): string {
  if (object.metadata.deletionTimestamp !== undefined) return 'Terminating';
  const waiting = list(at(object, 'status', 'containerStatuses'))
    .map((status) => at(status, 'state', 'waiting', 'reason') ?? at(status, 'state', 'terminated', 'reason'))
    .find((reason) => typeof reason === 'string');
  return String(waiting ?? at(object, 'status', 'reason') ?? at(object, 'status', 'phase') ?? '');
}

function restarts(object: KubeObject): string {
  return String(
    list(at(object, 'status', 'containerStatuses')).reduce<number>((sum, status) => sum + number(at(status, 'restartCount')), 0),
  );
}

function ports(object: KubeObject): string {
  const shown = list(at(object, 'spec', 'ports')).map((port) => {
    const node = at(port, 'nodePort') ? `:${String(at(port, 'nodePort'))}` : '';
    return `${String(at(port, 'port'))}${node}/${String(at(port, 'protocol') ?? 'TCP')}`;
  });
  return shown.length === 0 ? '<none>' : shown.join(',');
}

function jobDuration(object: KubeObject, nowMs: number): string {
  const started = at(object, 'status', 'startTime');
  if (typeof started !== 'string') return '';
  const ended = at(object, 'status', 'completionTime');
  return humanDuration((typeof ended === 'string' ? Date.parse(ended) : nowMs) - Date.parse(started));
}

function jobStatus(object: KubeObject): string {
  const has = (type: string): boolean =>
    list(at(object, 'status', 'conditions')).some((condition) => at(condition, 'type') === type && at(condition, 'status') === 'True');
  if (has('Complete')) return 'Complete';
  if (has('Failed')) return 'Failed';
  return has('Suspended') ? 'Suspended' : 'Running';
}

/** The columns of `kubectl get` between Name and Age, by kind, as pkg/printers of Kubernetes has them. */
export const BUILTIN_COLUMNS: Readonly<Record<string, readonly ResourceColumn[]>> = {
  ConfigMap: [text('Data', (object) => size(object.data) + size(object.binaryData))],
  Secret: [text('Type', (object) => object.type), text('Data', (object) => size(object.data))],
  Namespace: [text('Status', (object) => at(object, 'status', 'phase') ?? '')],
  ServiceAccount: [text('Secrets', (object) => list(object.secrets).length)],
  Pod: [
    text('Ready', readyContainers),
    text('Status', podStatus),
    text('Restarts', restarts),
    wide('IP', (object) => orNone(at(object, 'status', 'podIP'))),
    wide('Node', (object) => orNone(at(object, 'spec', 'nodeName'))),
    wide('Nominated Node', (object) => orNone(at(object, 'status', 'nominatedNodeName'))),
    wide('Readiness Gates', () => '<none>'),
  ],
  Deployment: [
    text('Ready', readyOfDesired, 'Number of the pod with ready state'),
    text('Up-to-date', (object) => number(at(object, 'status', 'updatedReplicas'))),
    text('Available', (object) => number(at(object, 'status', 'availableReplicas'))),
    ...WORKLOAD_WIDE,
    wide('Selector', selector),
  ],
  StatefulSet: [text('Ready', readyOfDesired), ...WORKLOAD_WIDE],
  ReplicaSet: [
    { name: 'Desired', type: 'integer', value: (object) => number(at(object, 'spec', 'replicas')) },
    { name: 'Current', type: 'integer', value: (object) => number(at(object, 'status', 'replicas')) },
    { name: 'Ready', type: 'integer', value: (object) => number(at(object, 'status', 'readyReplicas')) },
    ...WORKLOAD_WIDE,
    wide('Selector', selector),
  ],
  DaemonSet: [
    ...(['desiredNumberScheduled', 'currentNumberScheduled', 'numberReady', 'updatedNumberScheduled', 'numberAvailable'] as const).map(
      (field, i): ResourceColumn => ({
        name: ['Desired', 'Current', 'Ready', 'Up-to-date', 'Available'][i]!,
        type: 'integer',
        value: (object) => number(at(object, 'status', field)),
      }),
    ),
    text('Node Selector', (object) => selectorText(at(object, 'spec', 'template', 'spec', 'nodeSelector'))),
    ...WORKLOAD_WIDE,
    wide('Selector', selector),
  ],
  Job: [
    text('Status', jobStatus),
    text('Completions', (object) => `${number(at(object, 'status', 'succeeded'))}/${number(at(object, 'spec', 'completions') ?? 1)}`),
    text('Duration', jobDuration),
    ...WORKLOAD_WIDE,
    wide('Selector', selector),
  ],
  CronJob: [
    text('Schedule', (object) => at(object, 'spec', 'schedule')),
    text('Timezone', (object) => orNone(at(object, 'spec', 'timeZone'))),
    text('Suspend', (object) => (at(object, 'spec', 'suspend') === true ? 'True' : 'False')),
    text('Active', (object) => list(at(object, 'status', 'active')).length),
    text('Last Schedule', (object, nowMs) => {
      const last = at(object, 'status', 'lastScheduleTime');
      return last === undefined ? '<none>' : ageOf(last, nowMs);
    }),
  ],
  Service: [
    text('Type', (object) => at(object, 'spec', 'type')),
    text('Cluster-IP', (object) => orNone(at(object, 'spec', 'clusterIP'))),
    text('External-IP', (object) => orNone(list(at(object, 'spec', 'externalIPs')).join(','))),
    text('Port(s)', ports),
    wide('Selector', (object) => selectorText(at(object, 'spec', 'selector'))),
  ],
  Ingress: [
    text('Class', (object) => orNone(at(object, 'spec', 'ingressClassName'))),
    text('Hosts', (object) => join(list(at(object, 'spec', 'rules')), 'host') || '*'),
    text('Address', (object) => join(list(at(object, 'status', 'loadBalancer', 'ingress')), 'ip')),
    text('Ports', (object) => (list(at(object, 'spec', 'tls')).length > 0 ? '80, 443' : '80')),
  ],
  PersistentVolumeClaim: [
    text('Status', (object) => at(object, 'status', 'phase') ?? ''),
    text('Volume', (object) => at(object, 'spec', 'volumeName') ?? ''),
    text('Capacity', (object) => at(object, 'status', 'capacity', 'storage') ?? ''),
    text('StorageClass', (object) => at(object, 'spec', 'storageClassName') ?? ''),
  ],
  CustomResourceDefinition: [text('Created At', (object) => object.metadata.creationTimestamp)],
};
