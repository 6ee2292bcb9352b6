import { groupOf } from '../identity.js';
import type { KubeObject } from '../kube-object.js';
import { apiServiceHealth, autoscalerHealth, claimHealth, definitionHealth, ingressHealth, serviceHealth } from './platform-health.js';
import { jobHealth, podHealth } from './pod-health.js';
import { type HealthRule, progressing, type ResourceHealth, unknown } from './resource-health.js';
import { daemonSetHealth, deploymentHealth, replicaSetHealth, statefulSetHealth } from './workload-health.js';

const onlyIn =
  (apiVersions: readonly string[], rule: HealthRule): HealthRule =>
  (object) =>
    apiVersions.includes(object.apiVersion) ? rule(object) : unknown(`unsupported version: ${object.apiVersion}`);

const RULES = new Map<string, HealthRule>([
  ['apps/Deployment', onlyIn(['apps/v1'], deploymentHealth)],
  ['apps/StatefulSet', onlyIn(['apps/v1'], statefulSetHealth)],
  ['apps/DaemonSet', onlyIn(['apps/v1'], daemonSetHealth)],
  ['apps/ReplicaSet', onlyIn(['apps/v1'], replicaSetHealth)],
  ['extensions/Deployment', onlyIn([], deploymentHealth)],
  ['batch/Job', onlyIn(['batch/v1'], jobHealth)],
  ['/Pod', podHealth],
  ['/Service', serviceHealth],
  ['/PersistentVolumeClaim', claimHealth],
  ['networking.k8s.io/Ingress', ingressHealth],
  ['extensions/Ingress', ingressHealth],
  ['autoscaling/HorizontalPodAutoscaler', autoscalerHealth],
  ['apiextensions.k8s.io/CustomResourceDefinition', definitionHealth],
  ['apiregistration.k8s.io/APIService', apiServiceHealth],
]);

/**
 * The health of a live object by Argo CD's built-in rules (GE:health/health.go): an object being deleted is Progressing; a kind
 * without a rule has no health at all (undefined) and never holds anything back.
 */
export function healthOf(object: KubeObject): ResourceHealth | undefined {
  if (object.metadata.deletionTimestamp) return progressing('Pending deletion');
  const rule = RULES.get(`${groupOf(object.apiVersion)}/${object.kind}`);
  return rule?.(object);
}

export const IGNORE_HEALTH_ANNOTATION = 'argocd.argoproj.io/ignore-healthcheck';

/** Counts on the live object alone. */
export function ignoresHealth(object: KubeObject): boolean {
  return object.metadata.annotations?.[IGNORE_HEALTH_ANNOTATION] === 'true';
}
