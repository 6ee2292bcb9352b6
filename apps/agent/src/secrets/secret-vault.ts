import type { Grant } from '@flotilla/contracts';
import { NotFoundError } from '@flotilla/kernel';
import type { KubeObject } from '@flotilla/kube';
import type { AgentState } from '../state/agent-state.js';
import { type HeldSecret, proveSecret, type SecretKeys } from './prove-secret.js';

type HeldVersion = Pick<HeldSecret, 'version' | 'target'>;

/** Keeps the newest proven envelope of each grant at rest, as it came, and opens it for whoever is about to apply it. */
export class SecretVault {
  readonly #state: AgentState;
  readonly #keys: SecretKeys;
  readonly #held = new Map<string, HeldVersion>();

  constructor(state: AgentState, keys: SecretKeys) {
    this.#state = state;
    this.#keys = keys;
  }

  async load(): Promise<void> {
    for (const { grant, version, target } of await this.#state.loadSecrets()) this.#held.set(grant, { version, target });
  }

  /** The version at hand, if it was sealed for this target. */
  versionOf({ id, target }: Pick<Grant, 'id' | 'target'>): string | undefined {
    const held = this.#held.get(id);
    return held?.target.namespace === target.namespace && held.target.name === target.name ? held.version : undefined;
  }

  /** Takes the place of the former one once it is proven; durable when it resolves. @throws UntrustedContentError */
  async keep(secret: HeldSecret): Promise<void> {
    await proveSecret(secret, this.#keys);
    await this.#state.saveSecret(secret);
    this.#held.set(secret.grant, { version: secret.version, target: secret.target });
  }

  /** The Secret in clear; one that is not at hand any more, or no longer what it was, counts as never had. */
  async open(grant: string): Promise<KubeObject> {
    try {
      const secret = await this.#state.readSecret(grant);
      if (!secret) throw new NotFoundError(`the envelope of grant ${grant} is not on disk`, { grant });
      return await proveSecret(secret, this.#keys);
    } catch (error) {
      this.#held.delete(grant);
      throw error;
    }
  }

  /** Drops what is granted no longer. */
  async retain(grants: ReadonlySet<string>): Promise<void> {
    for (const grant of this.#held.keys()) {
      if (grants.has(grant)) continue;
      this.#held.delete(grant);
      await this.#state.removeSecret(grant);
    }
  }
}
