import {
  type ApplicationSet,
  type AppProject,
  CONTROL_NAMESPACE,
  ROLLOUT_POLICY_ANNOTATION,
  type RolloutPolicy,
} from '@flotilla/contracts';
import { defaultProject } from '@flotilla/policy';
import type { ResourceStore } from '@flotilla/resources';
import type { FleetApplication, FleetCluster, FleetStore } from '../fleet/fleet.store.js';
import { ClusterIndex } from '../fleet/resolve-destination.js';
import { choosePolicy, type PolicyChoice } from '../releases/choose-policy.js';
import { freezeMember, type Member } from '../releases/freeze-member.js';
import type { Unit } from '../releases/release.store.js';
import type { Run } from '../rollouts/rollout.js';
import type { CheckBundles } from './check-bundles.js';
import type { PinCommits, Revisions } from './pin-commits.js';
import { placeMembers } from './place-members.js';
import type { Problem } from './problem.js';
import type { RenderMembers } from './render-members.js';

/** What would be released now. */
export interface Candidate {
  members: Member[];
  problems: Problem[];
  /** Conditions that hold nothing. */
  remarks: Map<string, { type: string; message: string }[]>;
  revisions: Revisions;
  traceparent?: string;
}

export interface AssembleParts {
  store: ResourceStore;
  fleet: FleetStore;
  pin: PinCommits;
  render: RenderMembers;
  check: CheckBundles;
}

/** From applications to frozen members: place, permit, pin, render, look into the bundles, freeze. Writes nothing but blobs and which kinds they define. */
export class AssembleRelease {
  readonly #parts: AssembleParts;

  constructor(parts: AssembleParts) {
    this.#parts = parts;
  }

  /** @param given commits to pin instead of the newest; @param per what the stages of the set's policy are made of */
  async assemble(
    applications: readonly FleetApplication[],
    { given, per }: { given?: Revisions; per?: Run['per'] } = {},
  ): Promise<Candidate> {
    const { fleet, pin, render, check } = this.#parts;
    const projects = await this.#projects(applications);
    const { placed, problems } = placeMembers(applications, new ClusterIndex(await fleet.clusters()), projects);
    const pinned = await pin.pin(
      placed.map(({ application }) => application),
      given,
    );
    const rendered = await render.render(
      placed.filter(({ application }) => pinned.commits.has(application.uid)),
      pinned.commits,
    );
    const checked = await check.check(placed, rendered.bundles, projects);
    const members = placed.flatMap(({ application }) => {
      const result = checked.bundles.get(application.uid);
      const [revision = ''] = pinned.commits.get(application.uid) ?? [];
      return result ? [freezeMember({ application, revision, ...result, isRolling: per === 'application' })] : [];
    });
    return {
      members,
      problems: [...problems, ...pinned.problems, ...rendered.problems, ...checked.problems],
      remarks: rendered.remarks,
      revisions: pinned.revisions,
      traceparent: pinned.traceparent,
    };
  }

  /** The policy of a unit; a single application has none. */
  async policyOf(
    unit: Unit,
    applications: readonly FleetApplication[],
    clusters: readonly FleetCluster[],
    now: number,
  ): Promise<PolicyChoice> {
    if (unit.kind === 'Application') return { none: true };
    const { store } = this.#parts;
    const set = await store.get<ApplicationSet>({ kind: 'ApplicationSet', namespace: unit.namespace, name: unit.name });
    if (!set)
      return { problem: `ApplicationSet ${unit.namespace}/${unit.name} does not exist any more; its applications stay as they are` };
    if (isArriving(set, applications, now)) return { incomplete: true };
    const name = set.metadata.annotations?.[ROLLOUT_POLICY_ANNOTATION];
    const found = new Map<string, RolloutPolicy>();
    if (name && name !== 'none') {
      for (const namespace of new Set([unit.namespace, CONTROL_NAMESPACE])) {
        const policy = await store.get<RolloutPolicy>({ kind: 'RolloutPolicy', namespace, name });
        if (policy) found.set(namespace, policy);
      }
    }
    const index = new ClusterIndex(clusters);
    const used = new Set(
      applications
        .map(({ document }) => index.resolve(document.spec.destination))
        .map((place) => ('cluster' in place ? place.cluster : undefined)),
    );
    return choosePolicy(set, used.size, (namespace) => found.get(namespace));
  }

  async #projects(applications: readonly FleetApplication[]): Promise<Map<string, AppProject>> {
    const projects = new Map<string, AppProject>([['default', defaultProject(CONTROL_NAMESPACE)]]);
    for (const name of new Set(applications.map(({ document }) => document.spec.project))) {
      const project = await this.#parts.store.get<AppProject>({ kind: 'AppProject', namespace: CONTROL_NAMESPACE, name });
      if (project) projects.set(name, project);
    }
    return projects;
  }
}

/** The expander says how many applications a set has; while new ones keep arriving, those missing are on their way. */
const ARRIVAL_MS = 2_000;
function isArriving({ status }: ApplicationSet, applications: readonly FleetApplication[], now: number): boolean {
  const newest = Math.max(...applications.map(({ firstSeen }) => firstSeen));
  return (status?.applications ?? 0) > applications.length && now - newest < ARRIVAL_MS;
}
