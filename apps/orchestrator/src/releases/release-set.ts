import type { Clock } from '@flotilla/kernel';
import type { AssembleRelease, Candidate } from '../candidates/assemble-release.js';
import type { FleetApplication, FleetCluster, HubCondition } from '../fleet/fleet.store.js';
import type { PreviewRollout } from '../plans/preview-rollout.js';
import type { CompiledPolicy } from '../rollouts/compile-policy.js';
import { Draft } from '../rollouts/draft.js';
import { stageOfJoiner } from '../rollouts/plan-stages.js';
import { isActive, keyOf } from '../rollouts/rollout.js';
import type { RolloutRow, RolloutStore } from '../rollouts/rollout.store.js';
import { type Member, releaseKey } from './freeze-member.js';
import { hasRestaged, runStages } from './has-restaged.js';
import { bareUnit, keyOfMember, planUnits } from './plan-units.js';
import { ENDED_BADLY, type ReleaseMatch, type ReleaseStore, type Unit } from './release.store.js';

export interface ReleaseSetParts {
  releases: ReleaseStore;
  rollouts: RolloutStore;
  assemble: AssembleRelease;
  preview: PreviewRollout;
  clock: Clock;
}

type Chosen = { policy: CompiledPolicy; warning?: string };

/** What a release is dealt out by. */
interface Dealing {
  chosen: Chosen;
  applications: readonly FleetApplication[];
  clusters: readonly FleetCluster[];
}

/** A set with a rollout policy: all its applications are one release, which a FleetRollout takes through the stages. */
export class ReleaseSet {
  readonly #parts: ReleaseSetParts;

  constructor(parts: ReleaseSetParts) {
    this.#parts = parts;
  }

  /** @returns the condition every member gets when nothing new is released */
  async release(
    unit: Unit,
    applications: readonly FleetApplication[],
    candidate: Candidate,
    chosen: Chosen,
    clusters: readonly FleetCluster[],
  ): Promise<HubCondition | undefined> {
    const holding = candidate.problems.find(({ isHolding }) => isHolding);
    if (holding) {
      const name = applications.find(({ uid }) => uid === holding.uid)?.name ?? holding.uid;
      return { type: 'ReleaseHeld', message: `the release of ApplicationSet ${unit.name} waits for ${name}: ${holding.message}` };
    }
    if (candidate.members.length === 0) return undefined;
    const { releases, clock } = this.#parts;
    const dealing = { chosen, applications, clusters };
    const matches = await releases.match(unit.unit, candidate.members);
    const equal = matches.find(({ release, isEqual }) => isEqual && release === unit.latest) ?? matches.find(({ isEqual }) => isEqual);
    if (!equal) {
      const { key, revisions, traceparent } = { ...candidate, key: releaseKey(candidate.members) };
      const { release } = await releases.create(unit, { key, revisions, traceparent }, candidate.members, clock.now());
      await this.#start(unit, release, candidate.members, dealing);
      return undefined;
    }
    const joiners = candidate.members.filter(({ uid }) => equal.joiners.includes(uid));
    const keep = applications.map(({ uid }) => uid);
    await releases.amend(equal.release, { revisions: candidate.revisions, joiners, keep }, clock.now());
    return this.#continue(unit, equal, candidate.members, { ...dealing, joiners });
  }

  /** The content is that of a release there was before. */
  async #continue(
    unit: Unit,
    { release, state }: ReleaseMatch,
    members: readonly Member[],
    { joiners, ...dealing }: Dealing & { joiners: readonly Member[] },
  ): Promise<HubCondition | undefined> {
    const { releases, clock } = this.#parts;
    const hasEndedBadly = ENDED_BADLY.includes(state);
    if (joiners.length > 0) await this.#letJoin(unit, release, hasEndedBadly, { ...dealing, joiners });
    if (hasEndedBadly) {
      const name = release.slice(release.indexOf('/') + 1);
      return {
        type: 'ReleaseBlocked',
        message: `release ${name} ended as ${state} and does not start again by itself: retry its rollout or change the content`,
      };
    }
    if (release !== unit.latest) await releases.makeLatest(unit.unit, release, clock.now());
    const last = await this.#completedLast(unit, release, dealing.chosen);
    if (last) await this.#letJoin(unit, release, false, { ...dealing, joiners: strangersTo(last, members) });
    else if (state !== 'Progressing') await this.#start(unit, release, members, dealing);
    else await this.#restage(release, members, dealing);
    return undefined;
  }

  /** A run whose steps are not the set's any more gives way to one with the new steps; the unit is due again when it has. */
  async #restage(release: string, members: readonly Member[], { chosen: { policy }, ...fleet }: Dealing): Promise<void> {
    const { rollouts, clock } = this.#parts;
    const run = policy.per === 'application' ? await rollouts.ofRelease(release) : undefined;
    const units = planUnits(members, policy.per, fleet);
    if (!run || !hasRestaged(run.run, policy, units)) return;
    const now = clock.now();
    await rollouts.decide(run.rollout, 'service:orchestrator', now, (current) => {
      const draft = new Draft(current.run, now);
      if (hasRestaged(current.run, policy, units)) draft.become('Superseded', "the steps of the set's strategy are others now");
      return draft.decision();
    });
  }

  /** The unit's newest run, when it is a completed one of this release: clusters that were away or join are its own affair. */
  async #completedLast(unit: Unit, release: string, { policy }: Chosen): Promise<RolloutRow | undefined> {
    const { rollouts } = this.#parts;
    const run = await rollouts.ofRelease(release);
    return run?.run.phase === 'Completed' && run.run.per === policy.per && run.rollout === (await rollouts.newest(unit.unit))
      ? run
      : undefined;
  }

  /** Starts a run, unless nothing changes or another run has to give way first: that one looks, and the unit is due again when it has. */
  async #start(unit: Unit, release: string, members: readonly Member[], { chosen: { policy, warning }, ...fleet }: Dealing): Promise<void> {
    const { releases, rollouts, preview, clock } = this.#parts;
    const now = clock.now();
    const active = await rollouts.active(unit.unit);
    if (active) {
      await rollouts.touch(active.rollout, now);
      return;
    }
    const units = planUnits(members, policy.per, fleet);
    const { plan, stages, unchanged } = await preview.preview({
      owner: `${unit.kind}/${unit.namespace}/${unit.name}`,
      release: release.slice(release.indexOf('/') + 1),
      policy,
      members,
      units,
      warnings: warning ? [warning] : [],
    });
    const unproven = await rollouts.unproven(release);
    const doubtful = new Set(members.filter(({ uid }) => unproven.has(uid)).map((member) => keyOfMember(member, policy.per)));
    const proven = new Set([...unchanged].filter((key) => !doubtful.has(key)));
    // A run of applications also tells where each of them stands.
    if (proven.size === units.length && policy.per === 'cluster') {
      await releases.setState(release, 'Live', now);
      return;
    }
    const targets = stages.stages.flatMap(({ units: own }, stageIndex) =>
      own.map((one, position) => {
        const key = keyOf(one);
        const state = proven.has(key) ? ('unchanged' as const) : ('waiting' as const);
        const has = unchanged.has(key) ? 'has this content already' : 'planned';
        const reason = unchanged.has(key) && state === 'waiting' ? `${has}, but no run saw it healthy` : has;
        return { ...bareUnit(one), stageIndex, position, state, reason };
      }),
    );
    const previous = unit.good === release ? undefined : unit.good;
    await rollouts.create(
      {
        unit: unit.unit,
        release,
        previous,
        policy: policy.name,
        per: policy.per,
        stages: runStages(policy),
        targets,
        plan,
        warning,
      },
      now,
    );
  }

  /** A unit that joins gets the newest release its stage has reached: this one, or meanwhile the last good one. */
  async #letJoin(
    unit: Unit,
    release: string,
    hasEndedBadly: boolean,
    { joiners, ...dealing }: Dealing & { joiners: readonly Member[] },
  ): Promise<void> {
    const { releases, rollouts, clock } = this.#parts;
    const { policy } = dealing.chosen;
    const now = clock.now();
    const run = await rollouts.ofRelease(release);
    // One of another kind comes to its end first; what it does not reach is the next run's.
    if (run && run.run.per !== policy.per) return;
    if (!run) {
      // A run gives its steps what joins.
      if (policy.per === 'cluster' && !hasEndedBadly)
        await releases.assign(release, { uids: joiners.map(({ uid }) => uid), apply: true }, now);
      return;
    }
    const units = new Map(planUnits(joiners, policy.per, dealing).map((one) => [keyOf(one), one]));
    const placed = joiners.flatMap((member) => {
      const one = units.get(keyOfMember(member, policy.per))!;
      const stageIndex = stageOfJoiner(one.labels, policy);
      return stageIndex === undefined ? [] : [{ member, one: bareUnit(one), stageIndex: Math.min(stageIndex, run.run.stages.length - 1) }];
    });
    const has = new Set(run.run.targets.filter(({ wasAssigned }) => wasAssigned).map(keyOf));
    const direct = placed.filter(({ one }) => has.has(keyOf(one))).map(({ member }) => member.uid);
    if (direct.length > 0) await releases.assign(release, { uids: direct, apply: true, rollout: run.rollout }, now);
    const joining = placed.filter(({ one }) => !has.has(keyOf(one)));
    const isOpen = isActive(run.run.phase) || run.run.phase === 'Completed';
    if (isOpen)
      await rollouts.join(
        run.rollout,
        joining.map(({ one, stageIndex }) => ({ ...one, stageIndex })),
        now,
      );
    const early = joining.filter(({ stageIndex }) => !isOpen || !hasReached(run, stageIndex)).map(({ member }) => member.uid);
    const late = dealing.applications.filter(({ uid }) => early.includes(uid));
    await this.#giveGood(unit, release, late, policy);
  }

  /** Renders the last good release for applications it did not have, at its own commits. */
  async #giveGood(unit: Unit, release: string, applications: readonly FleetApplication[], { per }: CompiledPolicy): Promise<void> {
    const { releases, assemble, clock } = this.#parts;
    if (applications.length === 0 || unit.good === undefined || unit.good === release) return;
    const good = await releases.release(unit.good);
    if (!good) return;
    const { members, problems } = await assemble.assemble(applications, { given: good.revisions, per });
    const usable = members.filter(({ uid }) => !problems.some((problem) => problem.uid === uid));
    await releases.amend(good.release, { revisions: good.revisions, joiners: usable }, clock.now());
    await releases.assign(good.release, { uids: usable.map(({ uid }) => uid), apply: true }, clock.now());
  }
}

/** Members that belong to no target: no stage selected them when the run began, but one may now. */
function strangersTo({ run }: RolloutRow, members: readonly Member[]): Member[] {
  const known = new Set(run.targets.map(keyOf));
  return members.filter((member) => !known.has(keyOfMember(member, run.per)));
}

function hasReached({ run }: RolloutRow, stageIndex: number): boolean {
  if (run.phase === 'Completed') return true;
  return stageIndex < run.stageIndex || (stageIndex === run.stageIndex && (run.phase === 'Progressing' || run.phase === 'Soaking'));
}
