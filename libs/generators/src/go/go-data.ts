import { GoList, GoMap, type GoValue, toGoValue } from '@flotilla/templating';
import { PairedSet, type ParamSet } from '../params/params.js';
import { dataOf } from '../params/structured-params.js';

/**
 * The parameters as a Go template sees them. Labels, annotations, `values` and path segments are maps and lists of text in
 * Argo CD, where `index` of what is not there gives an empty text and not `<no value>`.
 */
export function goData(set: ParamSet): GoValue {
  const data = toGoValue(dataOf(set));
  if (!(data instanceof GoMap)) return data;
  for (const [name, value] of data.entries) {
    if (!(value instanceof GoMap)) continue;
    if (name === 'values') data.entries.set(name, ofText(value));
    if (name === 'metadata') for (const key of ['labels', 'annotations']) retype(value, key);
    const path = name === 'path' ? value : value.entries.get('path');
    if (path instanceof GoMap) retype(path, 'segments');
  }
  return data;
}

function retype({ entries }: GoMap, name: string): void {
  const value = entries.get(name);
  if (value instanceof GoMap) entries.set(name, ofText(value));
  if (value instanceof GoList && value.items.every((item) => typeof item === 'string')) {
    entries.set(name, new GoList(value.items, 'string'));
  }
}

function ofText(map: GoMap): GoMap {
  return [...map.entries.values()].every((value) => typeof value === 'string') ? new GoMap(map.entries, 'string') : map;
}

/**
 * The same for templates that change nothing of it: what a half that many pairs share stands for is read once. Only the map that
 * holds both halves is made anew.
 */
export class SharedGoData {
  readonly #halves = new WeakMap<ParamSet, GoValue>();

  of(set: ParamSet): GoValue {
    if (!(set instanceof PairedSet)) return goData(set);
    const left = this.#half(set.left);
    const right = this.#half(set.right);
    if (!(left instanceof GoMap && right instanceof GoMap)) return goData(set);
    const both = new GoMap(left.entries);
    for (const [name, value] of right.entries) {
      if (both.entries.has(name)) return goData(set);
      both.entries.set(name, value);
    }
    return both;
  }

  #half(set: ParamSet): GoValue {
    let data = this.#halves.get(set);
    if (data === undefined) {
      data = this.of(set);
      this.#halves.set(set, data);
    }
    return data;
  }
}
