import type { Clock } from '@flotilla/kernel';
import type { AssembleRelease, Candidate } from '../candidates/assemble-release.js';
import type { FleetApplication, FleetStore, HubCondition } from '../fleet/fleet.store.js';
import type { ReleaseStore } from './release.store.js';
import type { ReleaseSet } from './release-set.js';
import type { ReleaseSingle } from './release-single.js';

/** A renderer or repository that is away is asked again after this time. */
const AGAIN_MS = 10_000;

const GATHER_MS = 150;

/** Releases what a unit's sources and specs say now, if that is new, permitted and renders. */
export class ReconcileUnit {
  readonly #fleet: FleetStore;
  readonly #releases: ReleaseStore;
  readonly #assemble: AssembleRelease;
  readonly #modes: { set: ReleaseSet; single: ReleaseSingle };
  readonly #clock: Clock;

  constructor(
    fleet: FleetStore,
    releases: ReleaseStore,
    assemble: AssembleRelease,
    modes: { set: ReleaseSet; single: ReleaseSingle },
    clock: Clock,
  ) {
    this.#fleet = fleet;
    this.#releases = releases;
    this.#assemble = assemble;
    this.#modes = modes;
    this.#clock = clock;
  }

  /** @returns when to look again by time alone, in milliseconds since the epoch */
  async reconcile(key: string): Promise<number | undefined> {
    const unit = await this.#releases.unit(key);
    const applications = unit ? await this.#fleet.applications(key) : [];
    if (!unit || applications.length === 0) return undefined;
    const clusters = await this.#fleet.clusters();
    const choice = await this.#assemble.policyOf(unit, applications, clusters, this.#clock.now());
    if ('incomplete' in choice) return this.#clock.now() + GATHER_MS;
    if ('problem' in choice) {
      await this.#say(applications, () => [{ type: 'RolloutPolicyError', message: choice.problem }]);
      return undefined;
    }
    const per = 'policy' in choice ? choice.policy.per : undefined;
    const candidate = await this.#assemble.assemble(applications, { per });
    if ('none' in choice) {
      await this.#modes.single.release(unit, applications, candidate);
      await this.#say(applications, (uid) => ownConditions(candidate, uid));
    } else {
      const held = await this.#modes.set.release(unit, applications, candidate, choice, clusters);
      await this.#say(applications, (uid) => [...ownConditions(candidate, uid), ...(held ? [held] : [])]);
    }
    const waits = candidate.problems.flatMap(({ isPassing, againMs }) => (isPassing ? [AGAIN_MS] : againMs ? [againMs] : []));
    return waits.length > 0 ? this.#clock.now() + waits.reduce((least, wait) => Math.min(least, wait)) : undefined;
  }

  async #say(applications: readonly FleetApplication[], conditionsOf: (uid: string) => HubCondition[]): Promise<void> {
    const conditions = new Map(applications.map(({ uid }) => [uid, conditionsOf(uid)]));
    await this.#fleet.saveConditions(conditions, new Date(this.#clock.now()).toISOString());
  }
}

function ownConditions({ problems, remarks }: Candidate, uid: string): HubCondition[] {
  const own = problems.filter((problem) => problem.uid === uid).map(({ type, message }) => ({ type, message }));
  return [...own, ...(remarks.get(uid) ?? [])];
}
