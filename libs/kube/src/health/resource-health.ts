import { isObject } from '@flotilla/kernel';
import { fieldAt, type KubeObject, listAt, textAt } from '../kube-object.js';

export type HealthStatus = 'Healthy' | 'Suspended' | 'Progressing' | 'Missing' | 'Degraded' | 'Unknown';

export interface ResourceHealth {
  status: HealthStatus;
  message?: string;
}

/** Decides the health of one live object of its kind. */
export type HealthRule = (object: KubeObject) => ResourceHealth;

export const healthy = (message?: string): ResourceHealth => withMessage('Healthy', message);
export const progressing = (message?: string): ResourceHealth => withMessage('Progressing', message);
export const degraded = (message?: string): ResourceHealth => withMessage('Degraded', message);
export const suspended = (message?: string): ResourceHealth => withMessage('Suspended', message);
export const unknown = (message?: string): ResourceHealth => withMessage('Unknown', message);

function withMessage(status: HealthStatus, message: string | undefined): ResourceHealth {
  return message ? { status, message } : { status };
}

export interface StatusCondition {
  type: string;
  status: string;
  reason: string;
  message: string;
}

/** `status.conditions`, with anything malformed left out. */
export function conditionsOf(object: KubeObject): StatusCondition[] {
  return listAt(object, 'status', 'conditions').filter(isObject).map(readCondition);
}

export function readCondition(condition: Record<string, unknown>): StatusCondition {
  const text = (field: string) => textAt(condition, field) ?? '';
  return { type: text('type'), status: text('status'), reason: text('reason'), message: text('message') };
}

export function conditionOf(object: KubeObject, type: string): StatusCondition | undefined {
  return conditionsOf(object).find((condition) => condition.type === type);
}

/** Whether the controller has yet to see the newest spec. */
export function isUnobserved(object: KubeObject): boolean {
  const observed = fieldAt(object, 'status', 'observedGeneration');
  return (object.metadata.generation ?? 0) > (typeof observed === 'number' ? observed : 0);
}
