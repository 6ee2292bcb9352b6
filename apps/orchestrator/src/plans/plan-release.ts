import { type PlanVerb, type RolloutPlan, sourcesOf } from '@flotilla/contracts';
import { ConflictError, NotFoundError, UnavailableError } from '@flotilla/kernel';
import type { MessageBus } from '@flotilla/messaging';
import type { AssembleRelease } from '../candidates/assemble-release.js';
import { type Revisions, revisionKey } from '../candidates/pin-commits.js';
import type { FleetApplication, FleetStore } from '../fleet/fleet.store.js';
import { planUnits } from '../releases/plan-units.js';
import type { ReleaseStore, Unit } from '../releases/release.store.js';
import type { CompiledPolicy } from '../rollouts/compile-policy.js';
import { GUARDED_POLICY } from '../rollouts/compile-policy.js';
import { addIntent } from './add-intent.js';
import { askIntent } from './ask-intent.js';
import type { PreviewRollout } from './preview-rollout.js';

export interface PlanReleaseParts {
  fleet: FleetStore;
  releases: ReleaseStore;
  assemble: AssembleRelease;
  preview: PreviewRollout;
  bus: MessageBus;
}

/** Without a policy everything goes out at once. */
const AT_ONCE: CompiledPolicy = {
  ...GUARDED_POLICY,
  name: 'none',
  stages: [{ ...GUARDED_POLICY.stages[1]!, name: 'all', requirements: [], percent: 100 }],
};

/** What would be released now, or at another commit; nothing is written but rendered blobs. */
export class PlanRelease {
  readonly #parts: PlanReleaseParts;

  constructor(parts: PlanReleaseParts) {
    this.#parts = parts;
  }

  async plan(verb: PlanVerb): Promise<RolloutPlan> {
    const { fleet, releases, bus } = this.#parts;
    const { kind, namespace, name } = verb;
    const unit = await releases.unitNamed(kind, namespace, name);
    if (kind === 'Application') {
      const own = await fleet.application(namespace, name);
      if (!own) throw new NotFoundError(`there is no Application ${namespace}/${name} to plan`, { namespace, name });
      return this.#planMembers(verb, undefined, [own]);
    }
    const answer = await askIntent(bus, namespace, name);
    const going = new Set('intent' in answer ? answer.intent.delete.names : []);
    const all = unit ? await fleet.applications(unit.unit) : [];
    if (all.length === 0 && !('intent' in answer)) {
      throw new NotFoundError(`ApplicationSet ${namespace}/${name} has no applications to plan: ${answer.unknown}`, { namespace, name });
    }
    const staying = all.filter((application) => !going.has(application.name));
    return addIntent(await this.#planMembers(verb, unit, staying), name, answer);
  }

  async #planMembers(
    { kind, namespace, name, revision }: PlanVerb,
    unit: Unit | undefined,
    applications: readonly FleetApplication[],
  ): Promise<RolloutPlan> {
    const { fleet, assemble, preview } = this.#parts;
    const clusters = await fleet.clusters();
    const choice =
      unit && applications.length > 0
        ? await assemble.policyOf(unit, applications, clusters, Number.MAX_SAFE_INTEGER)
        : { none: true as const };
    if ('problem' in choice) throw new ConflictError(choice.problem, { namespace, name });
    if ('incomplete' in choice) throw new UnavailableError(`ApplicationSet ${name} is still being expanded; try again`);
    const policy = 'policy' in choice ? choice.policy : AT_ONCE;
    const given = revision ? atRevision(applications, revision) : {};
    const { members, problems } = await assemble.assemble(applications, { given, per: policy.per });
    const names = new Map(applications.map(({ uid, name: application }) => [uid, application]));
    const warnings = problems.map(({ uid, message }) => `${names.get(uid)}: ${message}`);
    if ('warning' in choice && choice.warning) warnings.unshift(choice.warning);
    if (problems.some(({ isHolding }) => isHolding))
      warnings.unshift('the release is held until every application renders and is permitted');
    const { plan } = await preview.preview({
      owner: `${kind}/${namespace}/${name}`,
      policy,
      members,
      units: planUnits(members, policy.per, { applications, clusters }),
      warnings,
    });
    return plan;
  }
}

/** Every source of every application at one commit. */
const atRevision = (applications: readonly FleetApplication[], revision: string): Revisions =>
  Object.fromEntries(applications.flatMap(({ document }) => sourcesOf(document.spec).map((source) => [revisionKey(source), revision])));
