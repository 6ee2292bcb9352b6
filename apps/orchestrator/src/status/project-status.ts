import type { Clock } from '@flotilla/kernel';
import type { ApplicationStatusWriter } from '@flotilla/resources';
import { deployedEntry, mergeStatus } from './merge-status.js';
import type { StatusStore } from './status.store.js';

const BATCH = 500;
const ACTOR = { actor: 'service:orchestrator' };

/** Serves what changed: rows of reports become the status of Applications, in batches. */
export class ProjectStatus {
  readonly #status: StatusStore;
  readonly #writer: ApplicationStatusWriter;
  readonly #clock: Clock;

  constructor(status: StatusStore, writer: ApplicationStatusWriter, clock: Clock) {
    this.#status = status;
    this.#writer = writer;
    this.#clock = clock;
  }

  /** Works until nothing is due. */
  async project(): Promise<void> {
    for (let hasMore = true; hasMore; ) {
      hasMore = await this.#status.project(BATCH, async (inputs) => {
        const now = new Date(this.#clock.now()).toISOString();
        const outputs = inputs.map((input) => {
          const deployed = deployedEntry(input, now);
          const id = (input.history.at(-1)?.id ?? -1) + 1;
          const added = deployed ? [{ id, release: deployed.release, entry: { id, ...deployed.entry } }] : [];
          const history = [...input.history, ...added].slice(-(deployed?.keep ?? Number.MAX_SAFE_INTEGER));
          return { uid: input.uid, deployed, status: mergeStatus({ ...input, history }), input };
        });
        await this.#writer.upsert(
          outputs.map(({ uid, status, input }) => ({ namespace: input.namespace, name: input.name, uid, status })),
          ACTOR,
        );
        return outputs;
      });
    }
  }
}
