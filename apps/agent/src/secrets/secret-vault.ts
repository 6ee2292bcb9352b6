import type { Grant } from '@flotilla/contracts';
import { NotFoundError } from '@flotilla/kernel';
import type { KubeObject } from '@flotilla/kube';
import type { AgentState } from '../state/agent-state.js';
import { type HeldSecret, proveSecret, type SecretKeys } from './prove-secret.js';

type HeldVersion = Pick<HeldSecret, 'version' | 'target'>;

/** What was just proven is applied within this time, or, in an application that waits, perhaps never. */
const FRESH_MS = 10_000;
/** Of envelopes whose Secrets are held in clear at once; more are opened again from the disk. */
const MAX_FRESH_BYTES = 1024 * 1024;

/** Proven a moment ago and not asked for yet. */
interface Fresh extends HeldVersion {
  object: KubeObject;
  bytes: number;
}

/** Keeps the newest proven envelope of each grant at rest, as it came, and opens it for whoever is about to apply it. */
export class SecretVault {
  readonly #state: AgentState;
  readonly #keys: SecretKeys;
  readonly #freshMs: number;
  readonly #held = new Map<string, HeldVersion>();
  readonly #fresh = new Map<string, Fresh>();

  constructor(state: AgentState, keys: SecretKeys, freshMs = FRESH_MS) {
    this.#state = state;
    this.#keys = keys;
    this.#freshMs = freshMs;
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
    const { grant, version, target, envelope } = secret;
    const object = await proveSecret(secret, this.#keys);
    await this.#state.saveSecret(secret);
    this.#held.set(grant, { version, target });
    this.#keepFresh(grant, { version, target, object, bytes: envelope.length });
  }

  /**
   * The Secret in clear, handed out once by whoever proved it and opened from the disk from then on; one that is not at hand any
   * more, or no longer what it was, counts as never had.
   */
  async open(grant: string): Promise<KubeObject> {
    const fresh = this.#fresh.get(grant);
    this.#fresh.delete(grant);
    if (fresh && this.#held.get(grant)?.version === fresh.version) return fresh.object;
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
      this.#fresh.delete(grant);
      await this.#state.removeSecret(grant);
    }
  }

  #keepFresh(grant: string, fresh: Fresh): void {
    this.#fresh.delete(grant);
    const held = [...this.#fresh.values()].reduce((sum, { bytes }) => sum + bytes, fresh.bytes);
    if (held > MAX_FRESH_BYTES) return;
    this.#fresh.set(grant, fresh);
    setTimeout(() => {
      if (this.#fresh.get(grant) === fresh) this.#fresh.delete(grant);
    }, this.#freshMs).unref();
  }
}
