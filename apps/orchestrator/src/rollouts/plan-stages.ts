import { matchesSelector } from '@flotilla/selector';
import type { CompiledPolicy, CompiledStage } from './compile-policy.js';

export interface PlanCluster {
  cluster: string;
  labels: Readonly<Record<string, string>>;
}

export interface StagePlan {
  /** One per stage of the policy, in order; clusters in the order they are updated. */
  stages: { name: string; clusters: string[] }[];
  /** Clusters that no stage selects. */
  unplanned: string[];
  warnings: string[];
}

/**
 * Deals clusters out to stages. A stage takes, of those that no earlier stage took, the ones its selector matches, up to
 * `count`, or up to `percent` of all clusters of the set that match its selector (rounded up, so that a share is never nobody).
 */
export function planStages(clusters: readonly PlanCluster[], policy: CompiledPolicy): StagePlan {
  const left = new Map(clusters.map((cluster) => [cluster.cluster, cluster]));
  const warnings: string[] = [];
  const stages = policy.stages.map((stage) => {
    const matching = clusters.filter(({ labels }) => matchesSelector(stage.requirements, labels));
    const candidates = matching.filter(({ cluster }) => left.has(cluster)).sort(compareBy(stage));
    const taken = candidates.slice(0, sizeOf(stage, matching.length)).map(({ cluster }) => cluster);
    for (const cluster of taken) left.delete(cluster);
    if (taken.length === 0) warnings.push(`stage ${stage.name} selects no cluster`);
    return { name: stage.name, clusters: taken };
  });
  const unplanned = [...left.keys()].sort();
  if (unplanned.length > 0) {
    warnings.push(`no stage of policy ${policy.name} selects ${nameSome(unplanned)}; they keep what they have`);
  }
  return { stages, unplanned, warnings };
}

/**
 * The stage a cluster that joins later belongs to: the last one whose selector matches it, because the limited ones
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

function compareBy({ orderBy }: CompiledStage): (a: PlanCluster, b: PlanCluster) => number {
  return (a, b) => {
    const [left, right] = orderBy === undefined ? ['', ''] : [a.labels[orderBy] ?? '', b.labels[orderBy] ?? ''];
    if (left !== right) return left < right ? -1 : 1;
    return a.cluster < b.cluster ? -1 : a.cluster > b.cluster ? 1 : 0;
  };
}

const NAMED = 5;
/** The first few names and how many more there are. */
export function nameSome(names: readonly string[]): string {
  const rest = names.length - NAMED;
  return names.slice(0, NAMED).join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}
