import { isObject } from '@flotilla/kernel';
import { fieldAt, type KubeObject, listAt, numberAt, textAt } from '../kube-object.js';
import { conditionOf, conditionsOf, degraded, type HealthRule, healthy, progressing, suspended, unknown } from './resource-health.js';

/** Rules of Argo CD (GE:health/health_{pod,job}.go). A Job's condition counts only with status True; Argo CD reads its type alone. */

export const jobHealth: HealthRule = (job) => {
  const standing = conditionsOf(job).filter(({ status }) => status === 'True');
  const failed = standing.find(({ type }) => type === 'Failed');
  if (failed) return degraded(failed.message);
  const complete = standing.find(({ type }) => type === 'Complete');
  if (complete) return healthy(complete.message);
  const paused = standing.find(({ type }) => type === 'Suspended');
  return paused ? suspended(paused.message) : progressing();
};

export const podHealth: HealthRule = (pod) => {
  const restarts = textAt(pod, 'spec', 'restartPolicy') ?? 'Always';
  const message = textAt(pod, 'status', 'message');
  const containers = listAt(pod, 'status', 'containerStatuses').filter(isObject);
  // Pods that are meant to end keep their waiting reasons while they are retried; only steady ones are judged by them.
  const stuck = restarts === 'Always' ? containers.filter(isStuck) : [];
  if (stuck.length > 0) return degraded(stuck.map((status) => textAt(status, 'state', 'waiting', 'message') ?? '').join(', '));
  switch (textAt(pod, 'status', 'phase')) {
    case 'Pending':
      return progressing(message);
    case 'Succeeded':
      return healthy(message);
    case 'Failed':
      return degraded(message || failureOf(pod, containers));
    case 'Running':
      if (restarts !== 'Always') return progressing(message);
      if (conditionOf(pod, 'Ready')?.status === 'True') return healthy(message);
      return containers.some((status) => fieldAt(status, 'lastState', 'terminated') !== undefined)
        ? degraded(message)
        : progressing(message);
    default:
      return unknown(message);
  }
};

function isStuck(status: Record<string, unknown>): boolean {
  const reason = textAt(status, 'state', 'waiting', 'reason') ?? '';
  return reason.startsWith('Err') || reason.endsWith('Error') || reason.endsWith('BackOff');
}

function failureOf(pod: KubeObject, containers: Record<string, unknown>[]): string | undefined {
  for (const status of [...listAt(pod, 'status', 'initContainerStatuses').filter(isObject), ...containers]) {
    const ended = fieldAt(status, 'state', 'terminated');
    if (!isObject(ended)) continue;
    const code = numberAt(ended, 'exitCode') ?? 0;
    if (ended.message) return String(ended.message);
    if (ended.reason === 'OOMKilled') return 'OOMKilled';
    if (code !== 0) return `container "${String(status.name)}" failed with exit code ${code}`;
  }
  return undefined;
}
