import { isObject } from '@flotilla/kernel';

type Fields = Record<string, unknown>;

const TERMINATION = { terminationMessagePath: '/dev/termination-log', terminationMessagePolicy: 'File' };
const PROBES = ['livenessProbe', 'readinessProbe', 'startupProbe'] as const;
const PROBE = { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 };
/** 0644 */
const FILE_MODE = 420;
const MODED_VOLUMES = ['configMap', 'secret', 'downwardAPI', 'projected'] as const;

/** What `pkg/apis/core/v1/defaults.go` fills into a pod's spec; members that are set stay as they are. */
export function defaultPodSpec(spec: Fields): Fields {
  return {
    ...spec,
    ...each(spec, 'containers', defaultContainer),
    ...each(spec, 'initContainers', defaultContainer),
    ...each(spec, 'volumes', defaultVolume),
    ...missing(spec, {
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      securityContext: {},
      schedulerName: 'default-scheduler',
    }),
    // The deprecated name is kept in step with the present one.
    ...(typeof spec.serviceAccountName === 'string' ? missing(spec, { serviceAccount: spec.serviceAccountName }) : {}),
  };
}

/** The members of `defaults` that the object lacks. */
export function missing(object: Fields, defaults: Fields): Fields {
  return Object.fromEntries(Object.entries(defaults).filter(([name]) => object[name] === undefined));
}

function each(object: Fields, name: string, change: (item: Fields) => Fields): Fields {
  const items = object[name];
  return Array.isArray(items) ? { [name]: items.map((item: unknown) => (isObject(item) ? change(item) : item)) } : {};
}

function defaultContainer(container: Fields): Fields {
  const probes = PROBES.flatMap((name) => (isObject(container[name]) ? [[name, defaultProbe(container[name])] as const] : []));
  return {
    ...container,
    ...each(container, 'ports', (port) => ({ ...port, ...missing(port, { protocol: 'TCP' }) })),
    ...each(container, 'env', defaultEnv),
    ...Object.fromEntries(probes),
    ...missing(container, { ...TERMINATION, resources: {}, imagePullPolicy: pullPolicyOf(container.image) }),
  };
}

/** An image without a tag, or tagged latest, is pulled always; a digest never needs to be. */
function pullPolicyOf(image: unknown): string {
  const name = String(image ?? '')
    .split('/')
    .at(-1)!;
  if (name.includes('@')) return 'IfNotPresent';
  const tag = name.split(':')[1];
  return tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent';
}

function defaultProbe(probe: Fields): Fields {
  const http = isObject(probe.httpGet) ? { httpGet: { ...probe.httpGet, ...missing(probe.httpGet, { path: '/', scheme: 'HTTP' }) } } : {};
  return { ...probe, ...http, ...missing(probe, PROBE) };
}

function defaultEnv(env: Fields): Fields {
  if (!isObject(env.valueFrom) || !isObject(env.valueFrom.fieldRef)) return env;
  const fieldRef = { ...env.valueFrom.fieldRef, ...missing(env.valueFrom.fieldRef, { apiVersion: 'v1' }) };
  return { ...env, valueFrom: { ...env.valueFrom, fieldRef } };
}

function defaultVolume(volume: Fields): Fields {
  const moded = MODED_VOLUMES.flatMap((name) => {
    const source = volume[name];
    return isObject(source) ? [[name, { ...source, ...missing(source, { defaultMode: FILE_MODE }) }] as const] : [];
  });
  const host = isObject(volume.hostPath) ? { hostPath: { ...volume.hostPath, ...missing(volume.hostPath, { type: '' }) } } : {};
  return { ...volume, ...Object.fromEntries(moded), ...host };
}
