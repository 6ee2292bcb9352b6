import type { RolloutVerb } from '@flotilla/contracts';
import { type Clock, ConflictError, NotFoundError } from '@flotilla/kernel';
import type { ReleaseStore } from '../releases/release.store.js';
import { Draft } from './draft.js';
import { isActive, type Run } from './rollout.js';
import type { Act, RolloutRow, RolloutStore } from './rollout.store.js';

type Reply = { message: string };

/** What people do to a run. Every verb is one transaction and one ledger line with who and why. */
export class ControlRollout {
  readonly #rollouts: RolloutStore;
  readonly #releases: ReleaseStore;
  readonly #clock: Clock;
  readonly #nudge: () => void;

  constructor(rollouts: RolloutStore, releases: ReleaseStore, clock: Clock, nudge: () => void) {
    this.#rollouts = rollouts;
    this.#releases = releases;
    this.#clock = clock;
    this.#nudge = nudge;
  }

  pause(verb: RolloutVerb): Promise<Reply> {
    return this.#act(verb, pause);
  }

  resume(verb: RolloutVerb): Promise<Reply> {
    return this.#act(verb, resume);
  }

  /** An edit of the document's `spec.paused` does what the verb does; one that cannot be done is noted in the ledger and taken back. */
  async follow(verb: RolloutVerb, paused: boolean): Promise<void> {
    const now = this.#clock.now();
    const why = `${verb.actor} set spec.paused to ${paused}`;
    await this.#rollouts.decide(`${verb.namespace}/${verb.name}`, verb.actor, now, (row) => {
      if (row.isPausedShown === paused) return new Draft(row.run, now).decision();
      return { ...tryTo(paused ? pause : resume, row, now, why), pausedEdit: paused, againAt: now };
    });
    this.#nudge();
  }

  approve(verb: RolloutVerb): Promise<Reply> {
    return this.#act(verb, (row, draft, why) => {
      requirePhase(row, ['WaitingForApproval'], 'approve');
      const stage = row.run.stages[row.run.stageIndex]!.name;
      draft.note(`stage ${stage}`, 'waiting', 'approved', why);
      return { ...draft.decision(), approved: [...row.run.approved, stage] };
    });
  }

  reject(verb: RolloutVerb): Promise<Reply> {
    return this.#act(verb, (row, draft, why) => {
      requirePhase(row, ['WaitingForApproval'], 'reject');
      draft.become('Aborted', why);
      return draft.decision();
    });
  }

  abort(verb: RolloutVerb): Promise<Reply> {
    return this.#act(verb, (_row, draft, why) => {
      draft.become('Aborted', why);
      return draft.decision();
    });
  }

  /** A paused run tries its failed clusters again; a release whose run is over gets a new run. */
  async retry(verb: RolloutVerb): Promise<Reply> {
    const id = `${verb.namespace}/${verb.name}`;
    const row = await this.#found(id);
    const hasFailed = row.run.targets.some(({ state }) => state === 'failed');
    if (isActive(row.run.phase) || (row.run.phase === 'Completed' && hasFailed)) {
      return this.#act(verb, (current, draft, why) => {
        requirePhase(current, ['Paused', 'Progressing', 'Soaking', 'Completed'], 'retry');
        for (const target of draft.targets) if (target.state === 'failed') draft.move(target, 'waiting', why);
        if (current.run.phase === 'Paused') draft.become('Progressing', why);
        return draft.decision();
      });
    }
    const release = await this.#releases.release(row.release);
    if (!release) throw new NotFoundError(`release ${row.release} is no longer kept; make a new one by a commit`);
    if (row.run.hasSuccessor) {
      throw new ConflictError(
        `release ${release.name} is not the newest of its unit any more; retry the newest rollout, or roll back to it`,
        {
          rollout: row.rollout,
        },
      );
    }
    await this.#act(verb, ({ run }, draft, why) => {
      draft.note('rollout', run.phase, run.phase, `release ${release.name} starts again: ${why}`);
      return draft.decision();
    });
    await this.#releases.setState(row.release, 'Pending', this.#clock.now());
    await this.#releases.makeLatest(row.unit, row.release, this.#clock.now());
    this.#nudge();
    return { message: `release ${release.name} starts again` };
  }

  /** Points every cluster this run changed back, to the previous release or the named one. */
  async rollback(verb: RolloutVerb): Promise<Reply> {
    const row = await this.#found(`${verb.namespace}/${verb.name}`);
    const previous = verb.release ? `${verb.namespace}/${verb.release}` : row.previous;
    const target = previous === undefined ? undefined : await this.#releases.release(previous);
    if (!target || target.unit !== row.unit) {
      const which = verb.release
        ? `release ${verb.release} of this ${row.unit.startsWith('set:') ? 'set' : 'application'}`
        : 'an earlier release';
      throw new ConflictError(`rollout ${verb.name} cannot be rolled back: ${which} is not known`, { rollout: row.rollout });
    }
    const newest = await this.#rollouts.newest(row.unit);
    if (newest && newest !== row.rollout) {
      throw new ConflictError(
        `rollout ${verb.name} is not the newest of its unit: ${newest} came later and may have changed the same clusters; roll that one back, with --to ${
          target.name
        } if you mean this release`,
        { rollout: row.rollout, newest },
      );
    }
    return this.#act(verb, (current, draft, why) => {
      draft.become('RollingBack', why);
      const begun = draft.decision();
      return { ...begun, previous: target.release === current.previous ? undefined : target.release };
    });
  }

  async #act(verb: RolloutVerb, act: (row: RolloutRow, draft: Draft, why: string) => Act): Promise<Reply> {
    const now = this.#clock.now();
    const id = `${verb.namespace}/${verb.name}`;
    const why = verb.reason ? `${verb.actor}: ${verb.reason}` : `asked by ${verb.actor}`;
    const saved = await this.#rollouts.decide(id, verb.actor, now, (row) => ({ ...act(row, new Draft(row.run, now), why), againAt: now }));
    if (!saved) throw new NotFoundError(`there is no FleetRollout ${id}`, { rollout: id });
    this.#nudge();
    return { message: `rollout ${verb.name} is ${saved.run.phase}: ${saved.message}` };
  }

  async #found(id: string): Promise<RolloutRow> {
    const row = await this.#rollouts.get(id);
    if (!row) throw new NotFoundError(`there is no FleetRollout ${id}`, { rollout: id });
    return row;
  }
}

function pause({ run }: RolloutRow, draft: Draft, why: string): Act {
  draft.pause('person', why);
  if (run.phase === 'Paused') draft.note('rollout', 'Paused', 'Paused', why);
  return { ...draft.decision(), resumePhase: run.phase === 'Paused' ? run.resumePhase : run.phase };
}

function resume(row: RolloutRow, draft: Draft, why: string): Act {
  requirePhase(row, ['Paused'], 'resume');
  draft.become(row.run.resumePhase ?? 'Progressing', why);
  return draft.decision();
}

function tryTo(verb: typeof pause, row: RolloutRow, now: number, why: string): Act {
  try {
    return verb(row, new Draft(row.run, now), why);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    const { phase } = row.run;
    const draft = new Draft(row.run, now);
    draft.note('rollout', phase, phase, `${why}, which changes nothing: ${error.message}`);
    return draft.decision();
  }
}

function requirePhase(row: RolloutRow, phases: readonly Run['phase'][], verb: string): void {
  if (phases.includes(row.run.phase)) return;
  throw new ConflictError(`rollout ${row.name} is ${row.run.phase}; ${verb} is for one that is ${phases.join(' or ')}`, {
    rollout: row.rollout,
  });
}
