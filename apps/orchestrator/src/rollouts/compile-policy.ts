import type { RolloutPolicy, StageOptions } from '@flotilla/contracts';
import { InvalidInputError, parseDuration } from '@flotilla/kernel';
import { parseLabelSelector, type Requirement } from '@flotilla/selector';

/** A number of clusters: fixed, or a share of those it is asked for, never below `atLeast`. */
export interface Budget {
  count?: number;
  percent?: number;
  atLeast?: number;
}

/** How one stage behaves, fully defaulted; times in milliseconds. */
export interface StageRules {
  maxConcurrent: Budget;
  /** More failures than this stop the run. */
  maxFailures: Budget;
  soakMs: number;
  timeoutMs: number;
  /** Somebody has to approve before the stage starts. */
  approval: boolean;
  offline: 'park' | 'wait' | 'fail';
  /** `wait`: nothing is a failure; the stage goes on with the others and is over when every one is healthy, or a newer release takes over. */
  onFailure: 'pause' | 'rollback' | 'continue' | 'wait';
}

export interface CompiledStage extends StageRules {
  name: string;
  requirements: readonly Requirement[];
  count?: number;
  percent?: number;
  /** Label whose value orders the clusters, then their name. */
  orderBy?: string;
}

export interface CompiledPolicy {
  name: string;
  /** What its stages are made of; stages of applications select by the labels of those. */
  per: 'cluster' | 'application';
  stages: readonly CompiledStage[];
}

/** Longer than most Deployments' progressDeadline of 600 s would be later than their own verdict. */
const DEFAULT_TIMEOUT_MS = 600_000;

export const DEFAULT_RULES: StageRules = {
  maxConcurrent: { percent: 100, atLeast: 1 },
  maxFailures: { count: 0 },
  soakMs: 0,
  timeoutMs: DEFAULT_TIMEOUT_MS,
  approval: false,
  offline: 'park',
  onFailure: 'pause',
};

/** A set over more clusters than this that names no policy gets GUARDED_POLICY. */
export const GUARDED_ABOVE_CLUSTERS = 10;

export const GUARDED_POLICY: CompiledPolicy = {
  name: 'guarded',
  per: 'cluster',
  stages: [
    { ...DEFAULT_RULES, name: 'canary', requirements: [], count: 1 },
    { ...DEFAULT_RULES, name: 'all', requirements: [], percent: 100, maxFailures: { percent: 5, atLeast: 3 } },
  ],
};

/** @throws InvalidInputError naming the policy, the stage and the field */
export function compilePolicy(policy: RolloutPolicy): CompiledPolicy {
  const where = `RolloutPolicy ${policy.metadata.namespace ?? ''}/${policy.metadata.name}`;
  const names = policy.spec.stages.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new InvalidInputError(`${where}: two stages are named ${JSON.stringify(twice)}; give each its own name`);
  const base = compileRules(policy.spec, DEFAULT_RULES, `${where}: spec`);
  return {
    name: policy.metadata.name,
    per: 'cluster',
    stages: policy.spec.stages.map((stage, i) => {
      const at = `${where}: spec.stages[${i}]`;
      if (stage.count !== undefined && stage.percent !== undefined) {
        throw new InvalidInputError(`${at} has both count and percent; keep one of them`);
      }
      return {
        ...compileRules(stage, base, at),
        name: stage.name,
        requirements: located(at, 'clusterSelector', () => parseLabelSelector(stage.clusterSelector)),
        ...(stage.count === undefined ? {} : { count: stage.count }),
        ...(stage.percent === undefined ? {} : { percent: stage.percent }),
        ...(stage.orderBy === undefined ? {} : { orderBy: stage.orderBy }),
      };
    }),
  };
}

function compileRules(options: StageOptions, base: StageRules, at: string): StageRules {
  return {
    maxConcurrent:
      options.maxConcurrent === undefined
        ? base.maxConcurrent
        : { ...readBudget(options.maxConcurrent, 1, `${at}.maxConcurrent`), atLeast: 1 },
    maxFailures: options.maxFailures === undefined ? base.maxFailures : readBudget(options.maxFailures, 0, `${at}.maxFailures`),
    soakMs: options.soak === undefined ? base.soakMs : located(at, 'soak', () => parseDuration(options.soak!)),
    timeoutMs: options.timeout === undefined ? base.timeoutMs : located(at, 'timeout', () => parseDuration(options.timeout!)),
    approval: options.approval ?? base.approval,
    offline: options.offline ?? base.offline,
    onFailure: options.onFailure ?? base.onFailure,
  };
}

function readBudget(value: number | string, least: number, at: string): Budget {
  if (typeof value === 'number' || /^\d+$/.test(value)) {
    const count = Number(value);
    if (count >= least) return { count };
  } else {
    const match = /^(\d+(?:\.\d+)?)\s*%$/.exec(value);
    if (match && Number(match[1]) <= 100) return { percent: Number(match[1]) };
  }
  throw new InvalidInputError(`${at} ${JSON.stringify(value)} is neither a number from ${least} nor a share such as "25%"`);
}

function located<T>(at: string, field: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof InvalidInputError) throw new InvalidInputError(`${at}.${field}: ${error.message}`, error.details, error);
    throw error;
  }
}

/** Shares round down, so that a budget is never larger than what was written. */
export function resolveBudget(budget: Budget, total: number): number {
  const amount = budget.count ?? Math.floor(((budget.percent ?? 0) * total) / 100);
  return Math.max(amount, budget.atLeast ?? 0);
}
