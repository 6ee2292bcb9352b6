import type { ResourceDocument } from '@flotilla/contracts';
import type { ClusterShares, GeneratedApplication } from '@flotilla/generators';
import { type Digest, digestJson } from '@flotilla/kernel';
import { ClusterMoves, type SetKey } from './cluster-moves.js';

export const setKey = (namespace: string, name: string): SetKey => `${namespace}/${name}`;

interface Known {
  generated: Digest;
  stored: Digest;
}

/** A reconcile after which every application that the set stands for is as it generates it: nothing held, refused or waiting. */
export interface Settled {
  generation: number | undefined;
  /** Undefined for a set that can only be expanded whole. */
  shares: ClusterShares | undefined;
  /** The commits it was expanded at, by `<repoURL> <ref>`. */
  commits: ReadonlyMap<string, string>;
}

/**
 * What the last reconcile of each set found in agreement, by digests: unchanged applications are not merged again, and an
 * event that changes nothing of an application wakes no set. It may be lost at any time; then everything is compared.
 */
export class SetMemory {
  readonly moves = new ClusterMoves();
  readonly #sets = new Map<SetKey, Map<string, Known>>();
  readonly #generations = new Map<SetKey, number | undefined>();
  readonly #settled = new Map<SetKey, Settled>();

  /** Applications remember the place of their generator in the set, so with another spec they are compared afresh. */
  startWith(set: SetKey, generation: number | undefined): void {
    if (this.#generations.get(set) !== generation) this.#sets.delete(set);
    this.#generations.set(set, generation);
  }

  isKnownEqual(set: SetKey, generated: GeneratedApplication, stored: ResourceDocument): boolean {
    const known = this.#sets.get(set)?.get(generated.name);
    return known !== undefined && known.generated === generated.digest && known.stored === fingerprint(stored);
  }

  remember(set: SetKey, agreed: readonly { generated: GeneratedApplication; stored: ResourceDocument }[]): void {
    this.#sets.set(
      set,
      new Map(agreed.map(({ generated, stored }) => [generated.name, { generated: generated.digest, stored: fingerprint(stored) }])),
    );
  }

  /** Lays single applications over what is remembered. */
  rememberMore(set: SetKey, agreed: readonly { generated: GeneratedApplication; stored: ResourceDocument }[]): void {
    const known = this.#sets.get(set);
    for (const { generated, stored } of agreed) known?.set(generated.name, { generated: generated.digest, stored: fingerprint(stored) });
  }

  /** The digest that the application was generated with. */
  generatedDigest(set: SetKey, name: string): Digest | undefined {
    return this.#sets.get(set)?.get(name)?.generated;
  }

  settle(set: SetKey, settled: Settled | undefined): void {
    if (settled) this.#settled.set(set, settled);
    else this.#settled.delete(set);
  }

  settled(set: SetKey): Settled | undefined {
    return this.#settled.get(set);
  }

  forget(set: SetKey): void {
    this.#settled.delete(set);
    this.#sets.delete(set);
    this.#generations.delete(set);
  }

  /** The sets an application's event concerns: whoever had it, when it is no longer what it was. */
  setsOf(namespace: string, name: string, stored: ResourceDocument | undefined): SetKey[] {
    return [...this.#sets]
      .filter(([set, applications]) => {
        const known = set.startsWith(`${namespace}/`) ? applications.get(name) : undefined;
        return known !== undefined && (!stored || known.stored !== fingerprint(stored));
      })
      .map(([set]) => set);
  }
}

/** Everything of an application its set decides about. */
export function fingerprint({ metadata, spec }: ResourceDocument): Digest {
  const { uid, labels, annotations, finalizers, ownerReferences, deletionTimestamp } = metadata;
  return digestJson([uid, labels, annotations, finalizers, ownerReferences, deletionTimestamp, spec]);
}
