import { type PlanVerb, type RolloutPlan, sourcesOf } from '@flotilla/contracts';
import { ConflictError, NotFoundError, UnavailableError } from '@flotilla/kernel';
import type { AssembleRelease } from '../candidates/assemble-release.js';
import { type Revisions, revisionKey } from '../candidates/pin-commits.js';
import type { FleetStore } from '../fleet/fleet.store.js';
import type { ReleaseStore } from '../releases/release.store.js';
import type { CompiledPolicy } from '../rollouts/compile-policy.js';
import { GUARDED_POLICY } from '../rollouts/compile-policy.js';
import type { PreviewRollout } from './preview-rollout.js';

export interface PlanReleaseParts {
  fleet: FleetStore;
  releases: ReleaseStore;
  assemble: AssembleRelease;
  preview: PreviewRollout;
}

/** Without a policy everything goes out at once. */
const AT_ONCE: CompiledPolicy = { name: 'none', stages: [{ ...GUARDED_POLICY.stages[1]!, name: 'all', requirements: [], percent: 100 }] };

/** What would be released now, or at another commit; nothing is written but rendered blobs. */
export class PlanRelease {
  readonly #parts: PlanReleaseParts;

  constructor(parts: PlanReleaseParts) {
    this.#parts = parts;
  }

  async plan({ kind, namespace, name, revision }: PlanVerb): Promise<RolloutPlan> {
    const { fleet, releases, assemble, preview } = this.#parts;
    const unit = await releases.unitNamed(kind, namespace, name);
    const own = kind === 'Application' ? await fleet.application(namespace, name) : undefined;
    const applications = own ? [own] : unit ? await fleet.applications(unit.unit) : [];
    if (applications.length === 0) throw new NotFoundError(`${kind} ${namespace}/${name} has no applications to plan`, { namespace, name });
    const clusters = await fleet.clusters();
    const choice =
      unit && kind === 'ApplicationSet'
        ? await assemble.policyOf(unit, applications, clusters, Number.MAX_SAFE_INTEGER)
        : { none: true as const };
    if ('problem' in choice) throw new ConflictError(choice.problem, { namespace, name });
    if ('incomplete' in choice) throw new UnavailableError(`ApplicationSet ${name} is still being expanded; try again`);
    const given: Revisions = {};
    if (revision)
      for (const { document } of applications) for (const source of sourcesOf(document.spec)) given[revisionKey(source)] = revision;
    const { members, problems } = await assemble.assemble(applications, given);
    const names = new Map(applications.map(({ uid, name: application }) => [uid, application]));
    const warnings = problems.map(({ uid, message }) => `${names.get(uid)}: ${message}`);
    if ('warning' in choice && choice.warning) warnings.unshift(choice.warning);
    if (problems.some(({ isHolding }) => isHolding)) warnings.unshift('the release is held until every application renders');
    const used = new Set(members.map(({ cluster }) => cluster));
    const labels = new Map(clusters.map((cluster) => [cluster.cluster, cluster.labels]));
    const { plan } = await preview.preview({
      owner: `${kind}/${namespace}/${name}`,
      policy: 'policy' in choice ? choice.policy : AT_ONCE,
      members,
      clusters: [...used].map((cluster) => ({ cluster, labels: labels.get(cluster) ?? {} })),
      warnings,
    });
    return plan;
  }
}
