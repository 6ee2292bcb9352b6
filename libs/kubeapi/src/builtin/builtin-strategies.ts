import { isObject } from '@flotilla/kernel';
import type { ResourceStrategy } from '../api/api-resource.js';
import type { KubeObject } from '../storage.js';
import { validateConfigMap, validateWorkload } from './builtin-validation.js';
import * as defaults from './workload-defaults.js';

const NAME_LABEL = 'kubernetes.io/metadata.name';

const namespaceStrategy: ResourceStrategy = {
  defaults: withNameLabel,
  prepareForCreate: (object) => ({
    ...object,
    spec: { ...(isObject(object.spec) ? object.spec : {}), finalizers: ['kubernetes'] },
    status: { phase: 'Active' },
  }),
  // A namespace is emptied by its controller before it goes; until then it is Terminating.
  prepareForDelete: (live, { now }) => {
    const finalizers = isObject(live.spec) && Array.isArray(live.spec.finalizers) ? live.spec.finalizers : [];
    if (finalizers.length === 0) return undefined;
    if (live.metadata.deletionTimestamp !== undefined) return live;
    return {
      ...live,
      metadata: { ...live.metadata, deletionTimestamp: now },
      status: { ...(isObject(live.status) ? live.status : {}), phase: 'Terminating' },
    };
  },
};

/** The label by which network policies select a namespace. */
function withNameLabel(object: KubeObject): KubeObject {
  const { metadata } = object;
  if (!metadata.name) return object;
  return { ...object, metadata: { ...metadata, labels: { ...metadata.labels, [NAME_LABEL]: metadata.name } } };
}

/** A cluster IP out of 10.96.0.0/16, taken from the uid: stable and unlikely to meet another; nothing routes to it. */
function withClusterIp(object: KubeObject): KubeObject {
  const spec = isObject(object.spec) ? object.spec : {};
  if (spec.clusterIP !== undefined || spec.type === 'ExternalName') return object;
  const [high, low] = [0, 2].map((at) => Number.parseInt((object.metadata.uid ?? '0000').slice(at, at + 2), 16));
  const clusterIP = `10.96.${high}.${low}`;
  return { ...object, spec: { ...spec, clusterIP, clusterIPs: [clusterIP] } };
}

/** A job selects its pods by its uid, unless it brings a selector of its own. */
function withJobSelector(object: KubeObject): KubeObject {
  const spec = isObject(object.spec) ? object.spec : {};
  if (spec.manualSelector === true || !isObject(spec.template)) return object;
  const { name, uid = '' } = object.metadata;
  const metadata = isObject(spec.template.metadata) ? spec.template.metadata : {};
  const labels = {
    ...(isObject(metadata.labels) ? metadata.labels : {}),
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': name,
    'controller-uid': uid,
    'job-name': name,
  };
  const selector = { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } };
  return { ...object, spec: { ...spec, selector, template: { ...spec.template, metadata: { ...metadata, labels } } } };
}

/** Server-chosen members of a spec that an update leaves out stay as they are. */
function keeping(...names: string[]): NonNullable<ResourceStrategy['prepareForUpdate']> {
  return (object, live) => {
    const [spec, before] = [object.spec, live.spec].map((value) => (isObject(value) ? value : {})) as [
      Record<string, unknown>,
      Record<string, unknown>,
    ];
    const kept = names.filter((name) => spec[name] === undefined && before[name] !== undefined).map((name) => [name, before[name]]);
    return kept.length === 0 ? object : { ...object, spec: { ...spec, ...Object.fromEntries(kept) } };
  };
}

/** Kinds whose strategy is more than their schema says. */
export const BUILTIN_STRATEGIES: Readonly<Record<string, ResourceStrategy>> = {
  Namespace: namespaceStrategy,
  ConfigMap: { validate: validateConfigMap },
  Secret: { defaults: defaults.defaultSecret },
  Pod: { defaults: defaults.defaultPod },
  Deployment: { defaults: defaults.defaultDeployment, validate: validateWorkload },
  StatefulSet: { defaults: defaults.defaultStatefulSet, validate: validateWorkload },
  DaemonSet: { defaults: defaults.defaultDaemonSet, validate: validateWorkload },
  ReplicaSet: { defaults: defaults.defaultReplicaSet, validate: validateWorkload },
  Job: { defaults: defaults.defaultJob, prepareForCreate: withJobSelector, prepareForUpdate: keeping('selector') },
  CronJob: { defaults: defaults.defaultCronJob },
  Service: {
    defaults: defaults.defaultService,
    prepareForCreate: withClusterIp,
    prepareForUpdate: keeping('clusterIP', 'clusterIPs'),
  },
  Ingress: { defaults: defaults.defaultIngress },
  PersistentVolumeClaim: { defaults: defaults.defaultPersistentVolumeClaim },
};
