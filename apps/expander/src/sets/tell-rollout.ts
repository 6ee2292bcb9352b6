import { type Condition, type FleetRollout, type ResourceDocument, ROLLING_SYNC_POLICY, type RolloutPhase } from '@flotilla/contracts';
import { type Clock, jsonEqual } from '@flotilla/kernel';
import { again, done, type Outcome } from '@flotilla/reconcile';
import type { ResourceKey, ResourceStore, ResourceTransaction } from '@flotilla/resources';
import { ROLLOUT_PROGRESSING, settle } from './set-conditions.js';
import { withoutRollout } from './set-status.js';
import type { StoredSet } from './stored-set.js';

const ACTOR = { actor: 'service:expander' };
type StoredRollout = FleetRollout & ResourceDocument;

const TELL_EVERY_MS = 1_000;
/** Some 1 MB; beyond it everything is told of at once. */
const MAX_TOLD = 10_000;

/** Phases in which a run holds its set, so no other one is newer. */
const ACTIVE: readonly (RolloutPhase | undefined)[] = ['Pending', 'Progressing', 'Soaking', 'WaitingForApproval', 'Paused', 'RollingBack'];
/** Phases that Argo CD has words for. */
const PLAIN: readonly (RolloutPhase | undefined)[] = ['Pending', 'Progressing'];

/**
 * Condition RolloutProgressing of a set, by the FleetRollout the orchestrator writes: the type, reasons and texts of Argo CD's
 * progressive syncs (argo-cd applicationset/progressivesync), whose steps are our stages. As there, it is False only when
 * everything has been rolled out; a run that failed, was aborted or rolled back leaves it True, and the text says so. A run of a
 * RollingSync strategy also tells of its applications, one by one, in `status.applicationStatus`.
 */
export class TellRollout {
  readonly #store: ResourceStore;
  readonly #clock: Clock;
  /** When the applications of a set were told of last, by its uid. */
  readonly #toldAt = new Map<string, number>();

  constructor(store: ResourceStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  async run(key: ResourceKey): Promise<Outcome> {
    const rollout = await this.#store.get<StoredRollout>(key);
    if (!rollout?.status?.phase || rollout.spec.owner.kind !== 'ApplicationSet') return done;
    const { namespace, name, uid } = rollout.spec.owner;
    const place = { kind: 'ApplicationSet', namespace, name };
    const known = await this.#store.get<StoredSet>(place);
    if (!known || known.metadata.uid !== uid || this.#says(known, rollout)) return done;
    const waitMs = this.#waitMs(known, rollout);
    if (waitMs > 0) return again(waitMs);
    await this.#store.transaction(ACTOR, async (tx) => {
      const set = await tx.getForUpdate<StoredSet>(place);
      if (!set || set.metadata.uid !== uid || !(await isNewest(tx, rollout, set))) return;
      const status = this.#statusOf(set, rollout);
      if (jsonEqual(status, set.status)) return;
      await tx.updateStatus<StoredSet>({ ...set, status });
      this.#remember(uid);
    });
    return done;
  }

  /** Stages report every cluster; most of what they report changes nothing here. */
  #says(set: StoredSet, rollout: StoredRollout): boolean {
    return set.status?.rollout === rollout.metadata.name && jsonEqual(this.#statusOf(set, rollout), set.status);
  }

  /** Applications of a step finish one after the other: where nothing but they moved, the news of a while is told at once. */
  #waitMs(set: StoredSet, rollout: StoredRollout): number {
    const toldAt = this.#toldAt.get(set.metadata.uid ?? '');
    const { applicationStatus: _now, ...rest } = this.#statusOf(set, rollout);
    const { applicationStatus: _before, ...before } = set.status ?? {};
    return toldAt === undefined || !jsonEqual(rest, before) ? 0 : toldAt + TELL_EVERY_MS - this.#clock.now();
  }

  #remember(uid: string): void {
    if (this.#toldAt.size >= MAX_TOLD) this.#toldAt.clear();
    this.#toldAt.set(uid, this.#clock.now());
  }

  #statusOf(set: StoredSet, rollout: StoredRollout): NonNullable<StoredSet['status']> {
    const before = (set.status?.conditions ?? []) as Condition[];
    const cleared = withoutRollout(set.status ?? {});
    // What a newer release took the place of says nothing; that one's own run, if it has one, will.
    const kept = set.status?.applicationStatus;
    if (rollout.status?.phase === 'Superseded') {
      return { ...cleared, rollout: rollout.metadata.name, ...(kept ? { applicationStatus: kept } : {}) };
    }
    const applications = rollout.spec.policy === ROLLING_SYNC_POLICY ? rollout.status?.applications : undefined;
    const condition = settle(rolloutCondition(rollout), before, this.#clock.now());
    return {
      ...cleared,
      rollout: rollout.metadata.name,
      conditions: [...(cleared.conditions ?? []), condition],
      ...(applications ? { applicationStatus: applications } : {}),
    };
  }
}

function rolloutCondition({ metadata, status }: StoredRollout): Condition {
  if (status?.phase === 'Completed') {
    const message = 'ApplicationSet Rollout has completed';
    return { type: ROLLOUT_PROGRESSING, status: 'False', reason: 'ApplicationSetRolloutComplete', message };
  }
  const step = `ApplicationSet is performing rollout of step ${(status?.stageIndex ?? 0) + 1}`;
  const stage = status?.stage === undefined ? '' : ` in stage ${status.stage}`;
  const why = status?.message ? `: ${status.message}` : '';
  const message = PLAIN.includes(status?.phase) ? step : `${step}; FleetRollout ${metadata.name} is ${status?.phase}${stage}${why}`;
  return { type: ROLLOUT_PROGRESSING, status: 'True', reason: 'ApplicationSetModified', message };
}

/** News of an older run may come after news of the newest. */
async function isNewest(tx: ResourceTransaction, rollout: StoredRollout, set: StoredSet): Promise<boolean> {
  const told = set.status?.rollout;
  if (told === undefined || told === rollout.metadata.name || ACTIVE.includes(rollout.status?.phase)) return true;
  const other = await tx.get<StoredRollout>({ kind: 'FleetRollout', namespace: rollout.metadata.namespace ?? '', name: told });
  if (!other || other.spec.owner.uid !== rollout.spec.owner.uid) return true;
  if (ACTIVE.includes(other.status?.phase)) return false;
  const [own, its] = [rollout.metadata, other.metadata].map(({ creationTimestamp }) => Date.parse(creationTimestamp ?? '') || 0);
  if (own !== its) return own! > its!;
  return rollout.metadata.name.localeCompare(told, 'en', { numeric: true }) > 0;
}
