import type { FleetRollout } from '@flotilla/contracts';
import type { Clock } from '@flotilla/kernel';
import { done, type Outcome } from '@flotilla/reconcile';
import type { ResourceKey, ResourceStore } from '@flotilla/resources';
import type { ControlRollout } from './control-rollout.js';
import type { RolloutStore } from './rollout.store.js';

/** Changes of one document that are looked through for its editor. */
const LOOKED_THROUGH = 20;
const UNKNOWN_EDITOR = 'unknown editor';

/** A FleetRollout document that a person edited: `spec.paused` pauses and resumes the run, everything else is put back. */
export class FollowEdit {
  readonly #store: ResourceStore;
  readonly #rollouts: RolloutStore;
  readonly #control: ControlRollout;
  readonly #clock: Clock;

  constructor(store: ResourceStore, rollouts: RolloutStore, control: ControlRollout, clock: Clock) {
    this.#store = store;
    this.#rollouts = rollouts;
    this.#control = control;
    this.#clock = clock;
  }

  async reconcile(key: ResourceKey): Promise<Outcome> {
    const document = await this.#store.get<FleetRollout>(key);
    const { namespace, name } = key;
    const rollout = `${namespace}/${name}`;
    const shown = document && (await this.#rollouts.shown(rollout));
    if (!document || !shown) return done;
    const { spec } = document;
    const paused = spec.paused === true;
    if (paused !== shown.isPausedShown) {
      await this.#control.follow({ namespace, name, actor: await this.#editor(key, paused) }, paused);
    } else if (`${namespace}/${spec.release}` !== shown.release || spec.policy !== shown.policy) {
      await this.#rollouts.summarise(rollout, this.#clock.now());
    }
    return done;
  }

  /** Who gave the field its present value, by the change log. */
  async #editor(key: ResourceKey, paused: boolean): Promise<string> {
    const changes = await this.#store.history(key, LOOKED_THROUGH);
    const edit = changes.find(
      ({ document, fieldPaths }) => fieldPaths.includes('spec.paused') && ((document as FleetRollout).spec.paused === true) === paused,
    );
    return edit?.actor ?? UNKNOWN_EDITOR;
  }
}
