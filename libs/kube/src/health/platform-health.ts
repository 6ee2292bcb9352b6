import { isObject } from '@flotilla/kernel';
import { listAt, textAt } from '../kube-object.js';
import {
  conditionOf,
  conditionsOf,
  degraded,
  type HealthRule,
  healthy,
  progressing,
  type ResourceHealth,
  readCondition,
  type StatusCondition,
  unknown,
} from './resource-health.js';

/** Rules of Argo CD (GE:health/health_{service,ingress,pvc,hpa,crd,apiservice}.go). */

export const serviceHealth: HealthRule = (service) =>
  textAt(service, 'spec', 'type') === 'LoadBalancer' && !hasAddress(service) ? progressing() : healthy();

export const ingressHealth: HealthRule = (ingress) => (hasAddress(ingress) ? healthy() : progressing());

const hasAddress = (object: unknown): boolean => listAt(object, 'status', 'loadBalancer', 'ingress').length > 0;

export const claimHealth: HealthRule = (claim) => {
  const phase = textAt(claim, 'status', 'phase');
  if (phase === 'Bound') return healthy();
  if (phase === 'Pending') return progressing();
  return phase === 'Lost' ? degraded() : unknown();
};

const HPA_DEGRADED = [
  'AbleToScale/FailedGetScale',
  'AbleToScale/FailedUpdateScale',
  'ScalingActive/FailedGetResourceMetric',
  'ScalingActive/InvalidSelector',
];
const HPA_HEALTHY = [
  'AbleToScale/SucceededRescale',
  'ScalingLimited/DesiredWithinRange',
  'ScalingLimited/TooFewReplicas',
  'ScalingLimited/TooManyReplicas',
];

/** Version 1 keeps its conditions as JSON in an annotation; the beta versions are gone and Unknown. */
export const autoscalerHealth: HealthRule = (autoscaler) => {
  if (autoscaler.apiVersion === 'autoscaling/v2') return judgeAutoscaler(conditionsOf(autoscaler));
  if (autoscaler.apiVersion !== 'autoscaling/v1') return unknown(`unsupported HPA version: ${autoscaler.apiVersion}`);
  const text = autoscaler.metadata.annotations?.['autoscaling.alpha.kubernetes.io/conditions'];
  if (text === undefined) return judgeAutoscaler([]);
  try {
    const conditions = JSON.parse(text) as unknown;
    return judgeAutoscaler(Array.isArray(conditions) ? conditions.filter(isObject).map(readCondition) : []);
  } catch {
    return unknown('the conditions annotation is not JSON');
  }
};

function judgeAutoscaler(conditions: readonly StatusCondition[]): ResourceHealth {
  for (const { type, reason, message } of conditions) {
    if (HPA_DEGRADED.includes(`${type}/${reason}`)) return degraded(message);
    if (HPA_HEALTHY.includes(`${type}/${reason}`)) return healthy(message);
  }
  return progressing('Waiting to Autoscale');
}

export const definitionHealth: HealthRule = (definition) => {
  const conditions = conditionsOf(definition);
  if (conditions.length === 0) return progressing('Status conditions not found');
  const is = (type: string, status: string) => conditions.find((condition) => condition.type === type && condition.status === status);
  if (!is('Established', 'True')) return degraded(`CRD is not established: ${conditionOf(definition, 'Established')?.message ?? ''}`);
  if (is('Terminating', 'True')) return progressing('CRD is being terminated');
  const refused = is('NamesAccepted', 'False');
  if (refused) return degraded(`CRD names have not been accepted: ${refused.message}`);
  const violated = is('NonStructuralSchema', 'True');
  return violated ? degraded(`Schema violations found: ${violated.message}`) : healthy('CRD is healthy');
};

export const apiServiceHealth: HealthRule = (service) => {
  const available = conditionOf(service, 'Available');
  if (!available) return progressing('Waiting to be processed');
  const message = `${available.reason}: ${available.message}`;
  return available.status === 'True' ? healthy(message) : progressing(message);
};
