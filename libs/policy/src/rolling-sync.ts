import type { SetStrategy } from '@flotilla/contracts';
import { InvalidInputError } from '@flotilla/kernel';
import { matchesSelector, type Requirement } from '@flotilla/selector';

/** How many applications of a step may change at once: a number, or a share of them, rounded down and at least `atLeast`. */
export interface MaxUpdate {
  count?: number;
  percent?: number;
  atLeast?: number;
}

export interface RollingStep {
  requirements: readonly Requirement[];
  maxUpdate: MaxUpdate;
}

export interface RollingSync {
  steps: readonly RollingStep[];
  /** The applications of a deleted set go step by step, the last one first. */
  deletesInReverse: boolean;
}

/**
 * A set's strategy as Argo CD's progressive syncs read it (argo-cd applicationset/progressivesync). `rolling` is absent while none is in
 * force. Where Argo CD takes what it cannot read for something else, a remark says what it means, or it is refused.
 * @throws InvalidInputError naming the field
 */
export function readStrategy(strategy: SetStrategy | undefined): { rolling?: RollingSync; remarks: string[] } {
  const remarks: string[] = [];
  const { type = '', rollingSync, deletionOrder = '' } = strategy ?? {};
  requireOneOf('spec.strategy.type', type, ['', 'AllAtOnce', 'RollingSync']);
  requireOneOf('spec.strategy.deletionOrder', deletionOrder, ['', 'AllAtOnce', 'Reverse']);
  const given = rollingSync?.steps ?? [];
  const steps = given.map(({ matchExpressions = [], maxUpdate }, i) => ({
    requirements: matchExpressions.map((expression, j) => readExpression(expression, `${stepPath(i)}.matchExpressions[${j}]`)),
    maxUpdate: readMaxUpdate(maxUpdate, `${stepPath(i)}.maxUpdate`, remarks),
  }));
  const isInForce = type === 'RollingSync' && steps.length > 0;
  if (type === 'RollingSync' && !isInForce)
    remarks.push('spec.strategy.type is RollingSync without rollingSync.steps, which stages nothing');
  if (type !== 'RollingSync' && steps.length > 0) {
    remarks.push('spec.strategy.rollingSync is not in force: spec.strategy.type is not RollingSync');
  }
  const deletesInReverse = deletionOrder === 'Reverse';
  if (deletesInReverse && !isInForce) remarks.push('spec.strategy.deletionOrder Reverse needs type RollingSync with steps; all go at once');
  return isInForce ? { rolling: { steps, deletesInReverse }, remarks } : { remarks };
}

/** The first step that selects an application with these labels, counted from 0; undefined when none does. */
export function stepOf(labels: Readonly<Record<string, string>> | undefined, steps: readonly RollingStep[]): number | undefined {
  const index = steps.findIndex(({ requirements }) => matchesSelector(requirements, labels ?? {}));
  return index < 0 ? undefined : index;
}

const stepPath = (i: number): string => `spec.strategy.rollingSync.steps[${i}]`;

function requireOneOf(field: string, value: string, known: readonly string[]): void {
  if (known.includes(value)) return;
  throw new InvalidInputError(`${field} ${JSON.stringify(value)} is not one of ${known.filter((one) => one !== '').join(', ')}`);
}

/** A label that is missing is not In, and is NotIn, whatever the values. */
function readExpression({ key, operator, values = [] }: { key: string; operator: string; values?: string[] }, path: string): Requirement {
  if (operator !== 'In' && operator !== 'NotIn') {
    throw new InvalidInputError(`${path}.operator ${JSON.stringify(operator)} is not one of In, NotIn`);
  }
  return { key, operator, values };
}

function readMaxUpdate(value: number | string | undefined, path: string, remarks: string[]): MaxUpdate {
  if (value === undefined) return { percent: 100, atLeast: 1 };
  if (value === 0 || value === '0%') {
    remarks.push(`${path} ${value} updates no application: the step, and every later one, is blocked until it is raised`);
    return { count: 0 };
  }
  if (typeof value === 'number') {
    if (value > 0) return { count: value };
    throw new InvalidInputError(`${path} ${value} is below 0; write a number or a share such as "25%"`);
  }
  const share = /^(\d+)%$/.exec(value);
  if (share) return { percent: Number(share[1]), atLeast: 1 };
  remarks.push(`${path} ${JSON.stringify(value)} is neither a number nor a whole share such as "25%" and means 1, as in Argo CD`);
  return { count: 1 };
}
