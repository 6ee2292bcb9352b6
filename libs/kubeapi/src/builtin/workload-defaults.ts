import { isObject } from '@flotilla/kernel';
import type { KubeObject } from '../storage.js';
import { defaultPodSpec, missing } from './pod-defaults.js';

type Fields = Record<string, unknown>;
type Defaults = (object: KubeObject) => KubeObject;

const ROLLING = { maxUnavailable: '25%', maxSurge: '25%' };

/** `spec` with defaults of its own and of the pod template in it. */
function withSpec(defaults: (spec: Fields, object: KubeObject) => Fields): Defaults {
  return (object) => {
    const spec = isObject(object.spec) ? object.spec : {};
    return { ...object, spec: { ...spec, ...withTemplate(spec), ...defaults(spec, object) }, status: object.status ?? {} };
  };
}

function withTemplate(spec: Fields): Fields {
  if (!isObject(spec.template)) return {};
  const pod = isObject(spec.template.spec) ? spec.template.spec : {};
  return { template: { ...spec.template, spec: defaultPodSpec(pod) } };
}

function rolling(spec: Fields, name: 'strategy' | 'updateStrategy', numbers: Fields): Fields {
  const strategy = isObject(spec[name]) ? spec[name] : {};
  const type = strategy.type ?? 'RollingUpdate';
  if (type !== 'RollingUpdate') return { [name]: { ...strategy, type } };
  const given = isObject(strategy.rollingUpdate) ? strategy.rollingUpdate : {};
  return { [name]: { ...strategy, type, rollingUpdate: { ...given, ...missing(given, numbers) } } };
}

export const defaultPod: Defaults = (object) => ({
  ...object,
  spec: {
    ...defaultPodSpec(isObject(object.spec) ? object.spec : {}),
    ...missing((object.spec ?? {}) as Fields, { enableServiceLinks: true }),
  },
  status: {
    ...missing((object.status ?? {}) as Fields, { phase: 'Pending', qosClass: 'BestEffort' }),
    ...((object.status ?? {}) as Fields),
  },
});

export const defaultDeployment = withSpec((spec) => ({
  ...missing(spec, { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 }),
  ...rolling(spec, 'strategy', ROLLING),
}));

export const defaultStatefulSet = withSpec((spec) => ({
  ...missing(spec, { replicas: 1, revisionHistoryLimit: 10, podManagementPolicy: 'OrderedReady' }),
  ...missing(spec, { persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Retain', whenScaled: 'Retain' } }),
  ...rolling(spec, 'updateStrategy', { partition: 0 }),
}));

export const defaultDaemonSet = withSpec((spec) => ({
  ...missing(spec, { revisionHistoryLimit: 10 }),
  ...rolling(spec, 'updateStrategy', { maxUnavailable: 1, maxSurge: 0 }),
}));

export const defaultReplicaSet = withSpec((spec) => missing(spec, { replicas: 1 }));

/** A job's pods are selected by its uid, which the real server writes into selector and template on create. */
export const defaultJob = withSpec((spec) => ({
  ...missing(spec, { parallelism: 1, completions: 1, backoffLimit: 6, completionMode: 'NonIndexed', suspend: false }),
  ...missing(spec, { podReplacementPolicy: 'TerminatingOrFailed' }),
}));

export const defaultCronJob: Defaults = (object) => {
  const spec = isObject(object.spec) ? object.spec : {};
  const template = isObject(spec.jobTemplate) ? spec.jobTemplate : {};
  const job = isObject(template.spec) ? template.spec : {};
  const common = { concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 };
  return {
    ...object,
    spec: { ...spec, ...missing(spec, common), jobTemplate: { ...template, spec: { ...job, ...withTemplate(job) } } },
    status: object.status ?? {},
  };
};

export const defaultService: Defaults = (object) => {
  const spec = isObject(object.spec) ? object.spec : {};
  const ports = Array.isArray(spec.ports) ? { ports: spec.ports.map(defaultPort) } : {};
  const type = spec.type ?? 'ClusterIP';
  const common = { type, sessionAffinity: 'None', internalTrafficPolicy: 'Cluster', ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' };
  return {
    ...object,
    spec: { ...spec, ...ports, ...missing(spec, type === 'ExternalName' ? { type, sessionAffinity: 'None' } : common) },
    status: object.status ?? { loadBalancer: {} },
  };
};

export const defaultIngress: Defaults = (object) => ({ ...object, status: object.status ?? { loadBalancer: {} } });

export const defaultPersistentVolumeClaim: Defaults = (object) => ({
  ...object,
  spec: { ...((object.spec ?? {}) as Fields), ...missing((object.spec ?? {}) as Fields, { volumeMode: 'Filesystem' }) },
  status: object.status ?? { phase: 'Pending' },
});

export const defaultSecret: Defaults = (object) => {
  const { stringData, ...rest } = object;
  const type = rest.type === undefined ? { type: 'Opaque' } : {};
  if (!isObject(stringData)) return { ...rest, ...type } as KubeObject;
  const encoded = Object.fromEntries(
    Object.entries(stringData).map(([key, value]) => [key, Buffer.from(String(value)).toString('base64')]),
  );
  return { ...rest, ...type, data: { ...(isObject(rest.data) ? rest.data : {}), ...encoded } } as KubeObject;
};

function defaultPort(port: unknown): unknown {
  return isObject(port) ? { ...port, ...missing(port, { protocol: 'TCP', targetPort: port.port }) } : port;
}
