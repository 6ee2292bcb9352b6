import { matchesSelector } from '@flotilla/selector';
import type { CompiledPolicy, CompiledStage } from './compile-policy.js';
import { keyOf, nameOf, type TargetUnit } from './rollout.js';

/** With the labels that stages select by: a cluster's, or an application's own. */
export interface PlanUnit extends TargetUnit {
  labels: Readonly<Record<string, string>>;
}

export interface StagePlan {
  /** One per stage of the policy, in order; units in the order they are updated. */
  stages: { name: string; units: PlanUnit[] }[];
  /** Names of units that no stage selects. */
  unplanned: string[];
  warnings: string[];
}

/**
 * Deals units out to stages. A stage takes, of those that no earlier stage took, the ones its selector matches, up to
 * `count`, or up to `percent` of all units of the set that match its selector (rounded up, so that a share is never nobody).
 */
export function planStages(units: readonly PlanUnit[], policy: CompiledPolicy): StagePlan {
  const left = new Map(units.map((unit) => [keyOf(unit), unit]));
  const twice = new Set<string>();
  const warnings: string[] = [];
  const stages = policy.stages.map((stage) => {
    const matching = units.filter(({ labels }) => matchesSelector(stage.requirements, labels));
    const candidates = matching.filter((unit) => left.has(keyOf(unit))).sort(compareBy(stage));
    if (policy.per === 'application') for (const unit of matching) if (!left.has(keyOf(unit))) twice.add(nameOf(unit));
    const taken = candidates.slice(0, sizeOf(stage, matching.length));
    for (const unit of taken) left.delete(keyOf(unit));
    if (taken.length === 0) warnings.push(`stage ${stage.name} selects no ${policy.per}`);
    return { name: stage.name, units: taken };
  });
  const unplanned = [...left.values()].map(nameOf).sort();
  if (twice.size > 0) warnings.push(`more than one stage selects ${nameSome([...twice].sort())}; each belongs to the first`);
  if (unplanned.length > 0) {
    warnings.push(`no stage of policy ${policy.name} selects ${nameSome(unplanned)}; they keep what they have`);
  }
  return { stages, unplanned, warnings };
}

/**
 * The stage a unit that joins later belongs to: the last one whose selector matches it, because the limited ones
 * before it have been dealt out. Undefined when no stage selects it.
 */
export function stageOfJoiner(labels: Readonly<Record<string, string>>, policy: CompiledPolicy): number | undefined {
  const matching = policy.stages.map(({ requirements }, i) => (matchesSelector(requirements, labels) ? i : -1)).filter((i) => i >= 0);
  const unlimited = matching.find((i) => policy.stages[i]!.count === undefined && (policy.stages[i]!.percent ?? 100) === 100);
  return unlimited ?? matching.at(-1);
}

function sizeOf(stage: CompiledStage, matching: number): number {
  if (stage.count !== undefined) return stage.count;
  return stage.percent === undefined ? matching : Math.ceil((stage.percent * matching) / 100);
}

function compareBy({ orderBy }: CompiledStage): (a: PlanUnit, b: PlanUnit) => number {
  return (a, b) => {
    const [left, right] = orderBy === undefined ? ['', ''] : [a.labels[orderBy] ?? '', b.labels[orderBy] ?? ''];
    if (left !== right) return left < right ? -1 : 1;
    return nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0;
  };
}

const NAMED = 5;
/** The first few names and how many more there are. */
export function nameSome(names: readonly string[]): string {
  const rest = names.length - NAMED;
  return names.slice(0, NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
