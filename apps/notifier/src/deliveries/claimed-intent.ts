import type { Sent } from '../channels/channel.js';
import type { IntentType } from './intent.js';

/** An intent in the hands of this copy. */
export interface ClaimedIntent {
  id: string;
  seq: string;
  type: IntentType;
  event: string | undefined;
  /** The event's document and what a template may read of it; undefined when it is no longer kept, or there never was one. */
  about: { name: string; variables: Record<string, unknown> } | undefined;
  trigger: string;
  template: string;
  service: string;
  recipient: string;
  rule: string;
  groupKey: string | undefined;
  updateKey: string | undefined;
  createdAt: Date;
  /** This attempt, from 1. */
  attempt: number;
  /** Earlier attempts that were answered with an error of this message's own. */
  failures: number;
  isPossibleDuplicate: boolean;
  claim: string;
}

/** What an attempt failed with; undefined `retryAt` makes the message a dead letter. */
export interface Failure {
  code: string;
  message: string;
  retryAt: Date | undefined;
  /** It is one of the attempts a message has; a provider that is away takes none of them. */
  counts: boolean;
  /** All was sent and the answer was lost, so that another attempt may be a duplicate. */
  mayHaveArrived: boolean;
  /** The service answered, if not as hoped. */
  isAnswered: boolean;
}

/** What became of an attempt. */
export type Outcome = { intent: ClaimedIntent; at: Date } & (
  | { sent: Sent; keys: { groupKey?: string | undefined; updateKey?: string | undefined } }
  | { failed: Failure }
);
