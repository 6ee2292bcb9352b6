import { parseBundle } from '@flotilla/bundle';
import type { Bundle } from '@flotilla/contracts';
import { NotFoundError } from '@flotilla/kernel';
import { type AgentState, textOf } from '../state/agent-state.js';

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
    const blob = await this.#state.readBlob(digest);
    if (!blob) throw new NotFoundError(`bundle ${digest} is not on disk`, { digest });
    const bundle = parseBundle(await textOf(blob), digest);
    this.#bundles.set(digest, bundle);
    return bundle;
  }

  retain(digests: ReadonlySet<string>): void {
    for (const digest of this.#bundles.keys()) if (!digests.has(digest)) this.#bundles.delete(digest);
  }
}
