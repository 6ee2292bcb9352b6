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
    return {
      ...live,
      metadata: { ...live.metadata, deletionTimestamp: live.metadata.deletionTimestamp ?? now },
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
  Job: { defaults: defaults.defaultJob },
  CronJob: { defaults: defaults.defaultCronJob },
  Service: { defaults: defaults.defaultService },
  Ingress: { defaults: defaults.defaultIngress },
  PersistentVolumeClaim: { defaults: defaults.defaultPersistentVolumeClaim },
};
