import type { ResourceDocument } from '@flotilla/contracts';
import type { GeneratedApplication } from '@flotilla/generators';
import { type Digest, digestJson } from '@flotilla/kernel';

/** A set's place as one text. */
export type SetKey = `${string}/${string}`;
export const setKey = (namespace: string, name: string): SetKey => `${namespace}/${name}`;

interface Known {
  generated: Digest;
  stored: Digest;
}

/**
 * What the last reconcile of each set found in agreement, by digests: unchanged applications are not merged again, and an
 * event that changes nothing of an application wakes no set. It may be lost at any time; then everything is compared.
 */
export class SetMemory {
  readonly #sets = new Map<SetKey, Map<string, Known>>();
  readonly #generations = new Map<SetKey, number | undefined>();

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

  forget(set: SetKey): void {
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
