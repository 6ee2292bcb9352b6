import type { RolloutPlan } from '@flotilla/contracts';
import type { BundleCache } from '../candidates/bundle-cache.js';
import type { Member } from '../releases/freeze-member.js';
import { keyOfMember } from '../releases/plan-units.js';
import type { ReleaseStore } from '../releases/release.store.js';
import type { CompiledPolicy } from '../rollouts/compile-policy.js';
import { type PlanUnit, planStages, type StagePlan } from '../rollouts/plan-stages.js';
import { keyOf, nameOf } from '../rollouts/rollout.js';
import { diffBundles, type ObjectChange } from './diff-bundles.js';

export interface PreviewInput {
  owner: string;
  release?: string;
  policy: CompiledPolicy;
  members: readonly Member[];
  units: readonly PlanUnit[];
  warnings: readonly string[];
}

export interface Preview {
  plan: RolloutPlan;
  stages: StagePlan;
  /** Keys of units of which every member has its content already. */
  unchanged: ReadonlySet<string>;
}

/** Pairs of bundles compared for one plan; a set with more distinct changes than this says so. */
const MAX_PAIRS = 300;

/** Works out what a release changes before anything moves: clusters in order, and objects, grouped by identical difference. */
export class PreviewRollout {
  readonly #releases: ReleaseStore;
  readonly #bundles: BundleCache;

  constructor(releases: ReleaseStore, bundles: BundleCache) {
    this.#releases = releases;
    this.#bundles = bundles;
  }

  async preview({ owner, release, policy, members, units, warnings }: PreviewInput): Promise<Preview> {
    const assigned = await this.#releases.assigned(members.map(({ uid }) => uid));
    const changing = members.filter(
      ({ uid, digest, cluster }) => assigned.get(uid)?.digest !== digest || assigned.get(uid)?.cluster !== cluster,
    );
    const stages = planStages(units, policy);
    const { changes, skipped } = await this.#changes(changing, (member) => {
      const old = assigned.get(member.uid);
      return old?.cluster === member.cluster ? old.bundle : undefined;
    });
    const touched = new Set(changing.map((member) => keyOfMember(member, policy.per)));
    const plan: RolloutPlan = {
      owner,
      ...(release ? { release } : {}),
      policy: policy.name,
      warnings: [...warnings, ...stages.warnings, ...(skipped > 0 ? [`the objects of ${skipped} more changes were not compared`] : [])],
      deletions: [],
      held: false,
      stages: stages.stages.map(({ name, units: own }, i) => ({
        name,
        approval: policy.stages[i]!.approval,
        clusters: [...new Set(own.map(({ cluster }) => cluster))],
        ...(policy.per === 'application' ? { applications: own.map(nameOf) } : {}),
      })),
      changes,
      summary: summarise(changes, new Set(changing.map(({ cluster }) => cluster)).size),
    };
    return { plan, stages, unchanged: new Set(units.map(keyOf).filter((key) => !touched.has(key))) };
  }

  async #changes(
    members: readonly Member[],
    oldBundleOf: (member: Member) => string | undefined,
  ): Promise<{ changes: RolloutPlan['changes']; skipped: number }> {
    const pairs = new Map<string, { old: string | undefined; bundle: string; clusters: Set<string> }>();
    for (const member of members) {
      const old = oldBundleOf(member);
      const bundle = member.content.hubBundle ?? member.content.bundle;
      const pair = pairs.get(`${old} ${bundle}`) ?? { old, bundle, clusters: new Set<string>() };
      pairs.set(`${old} ${bundle}`, pair);
      pair.clusters.add(member.cluster);
    }
    const groups = new Map<string, { clusters: Set<string>; objects: ObjectChange[] }>();
    for (const { old, bundle, clusters } of [...pairs.values()].slice(0, MAX_PAIRS)) {
      const objects = diffBundles(old === undefined ? undefined : await this.#bundles.get(old), await this.#bundles.get(bundle));
      const key = JSON.stringify(objects);
      const group = groups.get(key) ?? { clusters: new Set(), objects };
      groups.set(key, group);
      for (const cluster of clusters) group.clusters.add(cluster);
    }
    const changes = [...groups.values()].map(({ clusters, objects }) => ({ clusters: [...clusters].sort(), objects }));
    return { changes, skipped: Math.max(0, pairs.size - MAX_PAIRS) };
  }
}

function summarise(changes: RolloutPlan['changes'], clusters: number): string {
  if (clusters === 0) return 'nothing changes';
  const objects = new Set(changes.flatMap((group) => group.objects.map(({ key }) => key))).size;
  const subject =
    objects === 0
      ? 'no object changes, but how they are synced does,'
      : `${objects} ${objects === 1 ? 'object changes' : 'objects change'}`;
  return `${subject} on ${clusters} ${clusters === 1 ? 'cluster' : 'clusters'}`;
}
