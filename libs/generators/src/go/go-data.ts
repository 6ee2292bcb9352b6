import { GoList, GoMap, type GoValue, toGoValue } from '@flotilla/templating';
import type { ParamSet } from '../params/params.js';
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
