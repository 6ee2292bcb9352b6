import { sourcesOf } from '@flotilla/contracts';
import type { Clock } from '@flotilla/kernel';
import type { Candidate } from '../candidates/assemble-release.js';
import { type Revisions, revisionKey } from '../candidates/pin-commits.js';
import type { FleetApplication } from '../fleet/fleet.store.js';
import { decideAdvance } from '../rollouts/decide-advance.js';
import { Draft } from '../rollouts/draft.js';
import type { RolloutStore } from '../rollouts/rollout.store.js';
import { isAutomated, type Member, releaseKey } from './freeze-member.js';
import type { ReleaseStore, Unit } from './release.store.js';

/** Applications without a rollout policy: each is a release of its own, assigned at once; `automated` decides whether its agent applies it unasked. */
export class ReleaseSingle {
  readonly #releases: ReleaseStore;
  readonly #rollouts: RolloutStore;
  readonly #clock: Clock;

  constructor(releases: ReleaseStore, rollouts: RolloutStore, clock: Clock) {
    this.#releases = releases;
    this.#rollouts = rollouts;
    this.#clock = clock;
  }

  async release(unit: Unit, applications: readonly FleetApplication[], candidate: Candidate): Promise<void> {
    if (unit.kind === 'ApplicationSet') await this.#endRun(unit);
    const held = new Set(candidate.problems.map(({ uid }) => uid));
    for (const application of applications) {
      const member = candidate.members.find(({ uid }) => uid === application.uid);
      if (member && !held.has(member.uid)) await this.#one(application, member, candidate);
    }
  }

  async #one(application: FleetApplication, member: Member, candidate: Candidate): Promise<void> {
    const now = this.#clock.now();
    const { uid, namespace, name } = application;
    const unit = await this.#releases.ensureUnit({ unit: `app:${uid}`, kind: 'Application', namespace, name, uid });
    const revisions = revisionsOf(application, candidate.revisions);
    const matches = await this.#releases.match(unit.unit, [member]);
    const equal = matches.find(({ isEqual, release }) => isEqual && release === unit.latest) ?? matches.find(({ isEqual }) => isEqual);
    const release =
      equal?.release ??
      (await this.#releases.create(unit, { key: releaseKey([member]), revisions, traceparent: candidate.traceparent }, [member], now))
        .release;
    if (equal) await this.#releases.amend(release, { revisions, joiners: [] }, now);
    if (equal && release !== unit.latest) await this.#releases.makeLatest(unit.unit, release, now);
    await this.#releases.assign(release, { apply: isAutomated(member.content.syncPolicy) }, now);
    await this.#releases.setState(release, 'Live', now);
  }

  /** A set whose policy became `none` has no run any more; what is assigned stays. */
  async #endRun({ unit }: Unit): Promise<void> {
    const active = await this.#rollouts.active(unit);
    if (!active) return;
    const now = this.#clock.now();
    await this.#rollouts.decide(active.rollout, 'service:orchestrator', now, ({ run }, observations) => {
      if (run.phase === 'RollingBack') return decideAdvance(run, observations, now);
      const draft = new Draft(run, now);
      draft.become('Aborted', 'the set has no rollout policy any more');
      return draft.decision();
    });
  }
}

function revisionsOf({ document }: FleetApplication, revisions: Revisions): Revisions {
  const keys = sourcesOf(document.spec).map(revisionKey);
  return Object.fromEntries(Object.entries(revisions).filter(([key]) => keys.includes(key)));
}
