import type { Destination, NotificationCondition, NotificationConfig, SubjectKind } from '@flotilla/admission';
import { ExprLimitError, type Mapping } from '@flotilla/expr';
import { messageOf } from '@flotilla/kernel';

/** Entries one document keeps, as in Argo CD; the oldest go first. */
export const MAX_STATES = 100;

/** A condition that became true for a destination. */
export interface Firing {
  trigger: string;
  templates: readonly string[];
  destination: Destination;
  stateKey: string;
}

export interface Evaluation {
  fired: Firing[];
  /** Keys that are remembered from now on. */
  set: string[];
  /** Keys that are forgotten. */
  cleared: string[];
  /** Expressions that took too much, and so say neither yes nor no. */
  problems: string[];
}

export interface TriggerInput {
  config: Pick<NotificationConfig, 'triggers'>;
  kind: SubjectKind;
  destinations: ReadonlyMap<string, readonly Destination[]>;
  variables: Mapping;
  /** What this document remembers. */
  states: ReadonlySet<string>;
  now: () => number;
}

/** Argo CD's key: `[<oncePer>:]<trigger>:[i].<hash>:<service>:<recipient>`. */
export function stateKey(trigger: string, condition: string, { service, recipient }: Destination, oncePer?: string): string {
  return `${oncePer === undefined ? '' : `${oncePer}:`}${trigger}:${condition}:${service}:${recipient}`;
}

/**
 * Pure: which messages a document's state calls for, given what was said before. A condition speaks once when it becomes true; when
 * it is false it may speak again, unless it has `oncePer`. One that fails (a member of nil) is false, as in Argo CD.
 */
export function evaluateTriggers({ config, kind, destinations, variables, states, now }: TriggerInput): Evaluation {
  const result: Evaluation = { fired: [], set: [], cleared: [], problems: [] };
  for (const [name, recipients] of destinations) {
    const trigger = config.triggers.get(name);
    if (!trigger || trigger.kind !== kind) continue;
    for (const condition of trigger.conditions) {
      const verdict = judge(condition, variables, now);
      if ('problem' in verdict) {
        result.problems.push(`trigger ${name}: ${verdict.problem}`);
        continue;
      }
      for (const destination of recipients) {
        const key = stateKey(name, condition.id, destination, verdict.oncePer);
        if (!verdict.holds) {
          if (!condition.oncePer && states.has(key)) result.cleared.push(key);
        } else if (!states.has(key) && !result.set.includes(key)) {
          result.set.push(key);
          result.fired.push({ trigger: name, templates: condition.send, destination, stateKey: key });
        }
      }
    }
  }
  return result;
}

type Verdict = { holds: boolean; oncePer?: string } | { problem: string };

function judge({ when, oncePer }: NotificationCondition, variables: Mapping, now: () => number): Verdict {
  try {
    if (!when.test(variables, { now })) return { holds: false };
    if (!oncePer) return { holds: true };
    const once = oncePer.run(variables, { now });
    return { holds: true, oncePer: typeof once === 'string' ? once : JSON.stringify(once) };
  } catch (error) {
    return error instanceof ExprLimitError ? { problem: messageOf(error) } : { holds: false };
  }
}
