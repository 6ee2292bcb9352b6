import type { GrantPlace } from './value.store.js';

/** Which grants depend on what: stores, credentials, sealing keys. In memory, as every grant is planned after a start. */
export class GrantIndex {
  readonly #byDependency = new Map<string, Set<string>>();
  readonly #dependencies = new Map<string, ReadonlySet<string>>();

  set(place: GrantPlace, dependencies: ReadonlySet<string>): void {
    const key = keyOf(place);
    this.#drop(key);
    this.#dependencies.set(key, dependencies);
    for (const dependency of dependencies) {
      const grants = this.#byDependency.get(dependency) ?? new Set<string>();
      this.#byDependency.set(dependency, grants.add(key));
    }
  }

  forget(place: GrantPlace): void {
    this.#drop(keyOf(place));
  }

  /** `namespace/name` of the grants that depend on it. */
  dependents(dependency: string): string[] {
    return [...(this.#byDependency.get(dependency) ?? [])];
  }

  #drop(key: string): void {
    for (const dependency of this.#dependencies.get(key) ?? []) {
      const grants = this.#byDependency.get(dependency);
      grants?.delete(key);
      if (grants?.size === 0) this.#byDependency.delete(dependency);
    }
    this.#dependencies.delete(key);
  }
}

export const keyOf = ({ namespace, name }: GrantPlace): string => `${namespace}/${name}`;

export function placeOf(key: string): GrantPlace {
  const [namespace = '', name = ''] = key.split('/');
  return { namespace, name };
}
