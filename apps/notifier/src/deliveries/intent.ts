import { createHash } from 'node:crypto';
import { newToken } from '@flotilla/kernel';
import type { Firing } from '../triggers/evaluate-triggers.js';

/** `message`: a template for one event; `collapsed`: how many more a rule held back; `test`: asked for by a person. */
export type IntentType = 'message' | 'collapsed' | 'test';
export type IntentState = 'waiting' | 'sending' | 'sent' | 'dead';

/** A message that is to be sent to one recipient, before anything of it is rendered. */
export interface NewIntent {
  /** Digest of event and subscription, 64 characters of `[0-9a-f]`: what suppresses a second intent, and the idempotency key. */
  id: string;
  type: IntentType;
  /** Id of the event's row; absent for a test. */
  event?: string;
  trigger: string;
  template: string;
  service: string;
  recipient: string;
  /** Trigger, service and recipient: what a storm is counted by. */
  rule: string;
  /** Messages with one order key are sent one after the other. */
  orderKey: string;
  groupKey?: string;
  updateKey?: string;
  /** When it may be sent first. */
  dueAt: Date;
}

const digest = (parts: readonly string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex');

/**
 * One event and one subscription are one key, however often the change is read. A condition that speaks once for a value (`oncePer`
 * is in its state key) would be one key for ever; it is the event that tells a second time of the same value apart.
 */
export function intentId(event: string, { stateKey }: Pick<Firing, 'stateKey'>, template: string): string {
  return digest(['intent', event, stateKey, template]);
}

export function collapsedId(rule: string, windowStart: Date): string {
  return digest(['collapsed', rule, windowStart.toISOString()]);
}

export const ruleOf = (trigger: string, service: string, recipient: string): string => JSON.stringify([trigger, service, recipient]);

/** Messages about one document, or one rollout, to one recipient keep their order. */
export const orderKeyOf = (service: string, recipient: string, about: string): string => JSON.stringify([service, recipient, about]);

/** A message that a person asks for; each time is its own. */
export function newTestIntent(service: string, recipient: string, dueAt: Date): NewIntent {
  const id = digest(['test', newToken(20)]);
  const rule = ruleOf('test', service, recipient);
  return {
    id,
    type: 'test',
    trigger: 'test',
    template: 'test',
    service,
    recipient,
    rule,
    orderKey: orderKeyOf(service, recipient, id),
    dueAt,
  };
}
