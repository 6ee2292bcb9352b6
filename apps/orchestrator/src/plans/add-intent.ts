import type { RolloutPlan, SetIntent } from '@flotilla/contracts';
import type { IntentAnswer } from './ask-intent.js';

/** Pure: the plan with what its set does to applications; what is not known is said, and never taken for nothing. */
export function addIntent(plan: RolloutPlan, setName: string, answer: IntentAnswer): RolloutPlan {
  if ('unknown' in answer) {
    const warning = `which applications the set would create, change or delete is not known now: ${answer.unknown}`;
    return { ...plan, warnings: [warning, ...plan.warnings] };
  }
  const { intent } = answer;
  const { create, change, hold } = intent;
  const deletions = [...new Set([...intent.delete.names, ...hold.names])].sort();
  return {
    ...plan,
    warnings: [...cutWarnings(intent), ...plan.warnings],
    deletions,
    held: hold.total > 0,
    applications: { create: create.names, change: change.names, delete: intent.delete.names, held: hold.names },
    summary: [plan.summary, ...summaries(intent, setName)].join('; '),
  };
}

const count = (total: number): string => `${total} ${total === 1 ? 'application' : 'applications'}`;

function summaries(intent: SetIntent, setName: string): string[] {
  const { create, change, hold } = intent;
  return [
    ...(create.total > 0 ? [`${count(create.total)} would be created`] : []),
    ...(change.total > 0 ? [`${count(change.total)} would be changed`] : []),
    ...(intent.delete.total > 0 ? [`${count(intent.delete.total)} would be deleted`] : []),
    ...(hold.total > 0
      ? [`deletion of ${count(hold.total)} is HELD (release with: flotilla appset confirm-deletes ${setName} NAME...)`]
      : []),
  ];
}

function cutWarnings(intent: SetIntent): string[] {
  return Object.entries(intent).flatMap(([fate, { total, names }]) =>
    total > names.length ? [`only the first ${names.length} of ${total} applications to ${fate} are listed`] : [],
  );
}
