import type { RolloutRead, RolloutView } from '@flotilla/contracts';
import { NotFoundError } from '@flotilla/kernel';
import type { ResourceStore } from '@flotilla/resources';
import type { RolloutStore } from './rollout.store.js';

const MAX_LEDGER = 1_000;

/** One run with its targets and its ledger. */
export class ReadRollout {
  readonly #store: ResourceStore;
  readonly #rollouts: RolloutStore;

  constructor(store: ResourceStore, rollouts: RolloutStore) {
    this.#store = store;
    this.#rollouts = rollouts;
  }

  async read({ namespace, name, limit = MAX_LEDGER }: RolloutRead): Promise<RolloutView> {
    const row = await this.#rollouts.get(`${namespace}/${name}`);
    const document = await this.#store.get({ kind: 'FleetRollout', namespace, name });
    if (!row || !document) throw new NotFoundError(`there is no FleetRollout ${namespace}/${name}`, { namespace, name });
    const ledger = await this.#rollouts.ledger(row.rollout, Math.min(limit, MAX_LEDGER));
    return {
      rollout: document as RolloutView['rollout'],
      targets: row.run.targets.map(({ cluster, application, stageIndex, state, reason }) => ({
        cluster,
        application: application?.name ?? '',
        stage: row.run.stages[stageIndex]?.name ?? '',
        state,
        message: reason,
      })),
      ledger: ledger.map(({ at, actor, subject, from, to, reason }) => ({
        at: new Date(at).toISOString(),
        actor,
        from,
        to,
        reason: subject === 'rollout' ? reason : `${subject}: ${reason}`,
      })),
    };
  }
}
