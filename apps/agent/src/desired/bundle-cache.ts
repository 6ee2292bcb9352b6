import type { Bundle } from '@flotilla/contracts';
import type { AgentState } from '../state/agent-state.js';
import { readBundle } from './take-up.js';

/** Parsed bundles of the document in force; the objects themselves stay on disk. */
export class BundleCache {
  readonly #state: AgentState;
  readonly #bundles = new Map<string, Bundle>();

  constructor(state: AgentState) {
    this.#state = state;
  }

  /** @throws NotFoundError, or an error that names what is wrong with the bundle */
  async load(digest: string): Promise<Bundle> {
    const known = this.#bundles.get(digest);
    if (known) return known;
    const bundle = await readBundle(this.#state, digest);
    this.#bundles.set(digest, bundle);
    return bundle;
  }

  retain(digests: ReadonlySet<string>): void {
    for (const digest of this.#bundles.keys()) if (!digests.has(digest)) this.#bundles.delete(digest);
  }
}
