import { matchesSelector } from './matches-selector.js';
import type { Requirement } from './requirement.js';

interface Entry<Key> {
  key: Key;
  requirements: readonly Requirement[];
}

/** By which labels a selector is found: those it must have, or any (`undefined`). */
type Access = { key: string; values: readonly string[] | undefined } | undefined;

/**
 * Selectors by the labels they ask for: given labels, only those that could take them are decided. A selector that asks for a
 * value or for a key is found by that; one that only forbids, or asks for nothing, is decided each time.
 */
export class SelectorIndex<Key> {
  readonly #selectors = new Map<Key, Entry<Key>[]>();
  readonly #byValue = new Map<string, Set<Entry<Key>>>();
  readonly #byKey = new Map<string, Set<Entry<Key>>>();
  readonly #anywhere = new Set<Entry<Key>>();

  /** Replaces what the key selects by: labels that any of the selectors takes. */
  put(key: Key, selectors: readonly (readonly Requirement[])[]): void {
    this.delete(key);
    const entries = selectors.map((requirements) => ({ key, requirements }));
    this.#selectors.set(key, entries);
    for (const entry of entries) this.#post(entry);
  }

  delete(key: Key): void {
    for (const entry of this.#selectors.get(key) ?? []) this.#unpost(entry);
    this.#selectors.delete(key);
  }

  /** The keys one of whose selectors takes the labels, in no order. */
  matching(labels: Readonly<Record<string, string>>): Set<Key> {
    const keys = new Set<Key>();
    const decide = (entries: Iterable<Entry<Key>>): void => {
      for (const { key, requirements } of entries) if (!keys.has(key) && matchesSelector(requirements, labels)) keys.add(key);
    };
    for (const [key, value] of Object.entries(labels)) {
      decide(this.#byValue.get(placeOf(key, value)) ?? []);
      decide(this.#byKey.get(key) ?? []);
    }
    decide(this.#anywhere);
    return keys;
  }

  #post(entry: Entry<Key>): void {
    const access = this.#accessOf(entry.requirements);
    for (const [map, place] of this.#placesOf(access)) {
      const entries = map.get(place) ?? new Set<Entry<Key>>();
      map.set(place, entries.add(entry));
    }
    if (!access) this.#anywhere.add(entry);
  }

  #unpost(entry: Entry<Key>): void {
    this.#anywhere.delete(entry);
    for (const access of entry.requirements.map(accessBy)) {
      for (const [map, place] of this.#placesOf(access)) {
        const entries = map.get(place);
        entries?.delete(entry);
        if (entries?.size === 0) map.delete(place);
      }
    }
  }

  /** The requirement that the fewest other selectors are found by. */
  #accessOf(requirements: readonly Requirement[]): Access {
    const size = (access: Access): number => this.#placesOf(access).reduce((sum, [map, place]) => sum + (map.get(place)?.size ?? 0), 0);
    const byValue = requirements.map(accessBy).filter((access) => access?.values);
    const byKey = requirements.map(accessBy).filter((access) => access && !access.values);
    return (byValue.length > 0 ? byValue : byKey).sort((a, b) => size(a) - size(b))[0];
  }

  #placesOf(access: Access): [Map<string, Set<Entry<Key>>>, string][] {
    if (!access) return [];
    if (!access.values) return [[this.#byKey, access.key]];
    return access.values.map((value) => [this.#byValue, placeOf(access.key, value)]);
  }
}

function accessBy({ key, operator, values }: Requirement): Access {
  if (operator === 'In') return { key, values };
  return operator === 'NotIn' || operator === 'DoesNotExist' ? undefined : { key, values: undefined };
}

const placeOf = (key: string, value: string): string => JSON.stringify([key, value]);
