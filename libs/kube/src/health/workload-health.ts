import { type KubeObject, numberAt, textAt } from '../kube-object.js';
import {
  conditionOf,
  degraded,
  type HealthRule,
  healthy,
  isUnobserved,
  progressing,
  type ResourceHealth,
  suspended,
} from './resource-health.js';

/** Rules of Argo CD for workloads (GE:health/health_{deployment,statefulset,daemonset,replicaset}.go). */

const count = (object: KubeObject, field: string): number => numberAt(object, 'status', field) ?? 0;

export const deploymentHealth: HealthRule = (deployment) => {
  if ((deployment.spec as { paused?: unknown } | undefined)?.paused === true) return suspended('Deployment is paused');
  if (isUnobserved(deployment))
    return progressing('Waiting for rollout to finish: observed deployment generation less than desired generation');
  const replicas = numberAt(deployment, 'spec', 'replicas');
  const updated = count(deployment, 'updatedReplicas');
  const available = count(deployment, 'availableReplicas');
  const old = count(deployment, 'replicas') - updated;
  if (conditionOf(deployment, 'Progressing')?.reason === 'ProgressDeadlineExceeded') {
    return degraded(`Deployment "${deployment.metadata.name}" exceeded its progress deadline`);
  }
  if (replicas !== undefined && updated < replicas) {
    return progressing(`Waiting for rollout to finish: ${updated} out of ${replicas} new replicas have been updated...`);
  }
  if (old > 0) return progressing(`Waiting for rollout to finish: ${old} old replicas are pending termination...`);
  if (available < updated)
    return progressing(`Waiting for rollout to finish: ${available} of ${updated} updated replicas are available...`);
  return healthy();
};

export const statefulSetHealth: HealthRule = (set) => {
  if (isUnobserved(set) || count(set, 'observedGeneration') === 0)
    return progressing('Waiting for statefulset spec update to be observed...');
  const replicas = numberAt(set, 'spec', 'replicas');
  const ready = count(set, 'readyReplicas');
  if (replicas !== undefined && ready < replicas) return progressing(`Waiting for ${replicas - ready} pods to be ready...`);
  const strategy = textAt(set, 'spec', 'updateStrategy', 'type');
  const partition = numberAt(set, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');
  if (strategy === 'RollingUpdate' && hasRollingUpdate(set)) return partitionedHealth(set, replicas, partition);
  if (strategy === 'OnDelete') return healthy(`statefulset has ${ready} ready pods`);
  const current = textAt(set, 'status', 'currentRevision') ?? '';
  const update = textAt(set, 'status', 'updateRevision') ?? '';
  const updated = count(set, 'updatedReplicas');
  if (update !== current) return progressing(`waiting for statefulset rolling update to complete ${updated} pods at revision ${update}...`);
  return healthy(`statefulset rolling update complete ${count(set, 'currentReplicas')} pods at revision ${current}...`);
};

function hasRollingUpdate(set: KubeObject): boolean {
  return (set.spec as { updateStrategy?: { rollingUpdate?: unknown } }).updateStrategy?.rollingUpdate !== undefined;
}

function partitionedHealth(set: KubeObject, replicas: number | undefined, partition: number | undefined): ResourceHealth {
  const updated = count(set, 'updatedReplicas');
  if (replicas !== undefined && partition !== undefined && updated < replicas - partition) {
    return progressing(
      `Waiting for partitioned roll out to finish: ${updated} out of ${replicas - partition} new pods have been updated...`,
    );
  }
  return healthy(`partitioned roll out complete: ${updated} new pods have been updated...`);
}

export const daemonSetHealth: HealthRule = (set) => {
  if (isUnobserved(set)) return progressing('Waiting for rollout to finish: observed daemon set generation less than desired generation');
  const desired = count(set, 'desiredNumberScheduled');
  const updated = count(set, 'updatedNumberScheduled');
  const available = count(set, 'numberAvailable');
  if (textAt(set, 'spec', 'updateStrategy', 'type') === 'OnDelete') {
    return healthy(`daemon set ${updated} out of ${desired} new pods have been updated`);
  }
  const name = set.metadata.name;
  if (updated < desired) {
    return progressing(`Waiting for daemon set "${name}" rollout to finish: ${updated} out of ${desired} new pods have been updated...`);
  }
  if (available < desired) {
    return progressing(`Waiting for daemon set "${name}" rollout to finish: ${available} of ${desired} updated pods are available...`);
  }
  return healthy();
};

export const replicaSetHealth: HealthRule = (set) => {
  if (isUnobserved(set)) return progressing('Waiting for rollout to finish: observed replica set generation less than desired generation');
  const failure = conditionOf(set, 'ReplicaFailure');
  if (failure?.status === 'True') return degraded(failure.message);
  const replicas = numberAt(set, 'spec', 'replicas');
  const available = count(set, 'availableReplicas');
  if (replicas !== undefined && available < replicas) {
    return progressing(`Waiting for rollout to finish: ${available} out of ${replicas} new replicas are available...`);
  }
  return healthy();
};
