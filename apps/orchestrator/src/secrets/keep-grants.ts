import type { ResourceDocument, SecretGrant } from '@flotilla/contracts';
import { type Clock, jsonEqual } from '@flotilla/kernel';
import { done, type Outcome } from '@flotilla/reconcile';
import type { ResourceKey, ResourceStore } from '@flotilla/resources';
import type { ReadGrantLabels } from './read-grant-labels.js';
import type { SecretStore, SourceKey } from './secret.store.js';

const ACTOR = { actor: 'service:orchestrator' };
/** A release that is being made names its secrets well within this time. */
const UNUSED_MS = 3_600_000;
/** Documents that one sweep takes away. */
const PER_SWEEP = 500;
/** A sweep spreads its look at all documents over this time. */
const LOOK_MS = 5 * 60_000;

const keyOf = ({ namespace, name }: SourceKey): ResourceKey => ({ kind: 'SecretGrant', namespace, name });

/** Keeps SecretGrant documents: made when a release asks, followed for their version, deleted when nothing names them any more. */
export class KeepGrants {
  readonly #store: ResourceStore;
  readonly #secrets: SecretStore;
  readonly #labels: ReadGrantLabels;
  readonly #clock: Clock;

  constructor(store: ResourceStore, secrets: SecretStore, labels: ReadGrantLabels, clock: Clock) {
    this.#store = store;
    this.#secrets = secrets;
    this.#labels = labels;
    this.#clock = clock;
  }

  /** Writes the document where there is none: its name says what is in it. Of what there is only the labels are ours, and no secret's value or version depends on them. */
  async write(key: SourceKey): Promise<void> {
    const spec = await this.#secrets.spec(key);
    if (!spec) return;
    const labels = await this.#labels.of(key, spec);
    const isLabelled = (document: ResourceDocument): boolean => !labels || jsonEqual(document.metadata.labels ?? {}, labels);
    const present = await this.#store.get(keyOf(key));
    if (present && isLabelled(present)) return;
    await this.#store.transaction(ACTOR, async (tx) => {
      const current = await tx.getForUpdate(keyOf(key));
      if (!(await this.#secrets.isKept(tx.sql, key))) return;
      if (!current)
        await tx.create<SecretGrant>({
          apiVersion: 'flotilla.dev/v1alpha1',
          kind: 'SecretGrant',
          metadata: { ...key, labels: labels ?? {} },
          spec,
        });
      else if (!current.metadata.deletionTimestamp && !isLabelled(current))
        await tx.update({ ...current, metadata: { ...current.metadata, labels: labels! } });
    });
  }

  /** A document that lost its version, or is gone, says nothing of the value: what clusters have stays. */
  async reconcile({ namespace, name }: ResourceKey): Promise<Outcome> {
    const key = { namespace, name };
    const document = await this.#store.get<SecretGrant>(keyOf(key));
    if (!document && (await this.#secrets.spec(key))) await this.#secrets.rewrite(key, this.#clock.now());
    const version = document?.status?.version;
    if (version) await this.#secrets.observe(key, { version, rv: document.metadata.resourceVersion ?? '0' }, this.#clock.now());
    return done;
  }

  /** The singleton's part; a store whose provider is another one by now shows in labels within this time and the next. */
  async sweep(): Promise<void> {
    const before = this.#clock.now() - UNUSED_MS;
    for (const key of await this.#secrets.unused(before, PER_SWEEP)) {
      await this.#store.transaction(ACTOR, async (tx) => {
        const document = await tx.getForUpdate(keyOf(key));
        if ((await this.#secrets.forget(tx.sql, key, before)) && document) await tx.delete(keyOf(key));
      });
    }
    await this.#secrets.rewriteAll(this.#clock.now(), LOOK_MS);
  }
}
