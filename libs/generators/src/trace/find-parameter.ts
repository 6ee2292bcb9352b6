import { isObject } from '@flotilla/kernel';
import { PairedSet, type ParamSet, type Params } from '../params/params.js';

/** A value and the set of one generator that gives it. */
export interface FoundParameter {
  value: unknown;
  leaf: ParamSet;
}

/** Every generator's set that gives the parameter, the one that counts first. */
export function findParameter(set: ParamSet, name: string, isGo: boolean): FoundParameter[] {
  if (set instanceof PairedSet) return [...findParameter(set.left, name, isGo), ...findParameter(set.right, name, isGo)];
  if (set.merged) return [...findParameter(set.merged.over, name, isGo), ...findParameter(set.merged.under, name, isGo)];
  for (const layer of set.layers) {
    const value = isGo ? valueAt(layer, name) : Object.hasOwn(layer, name) ? layer[name] : undefined;
    if (value !== undefined) return [{ value, leaf: set }];
  }
  return [];
}

/** The sets of single generators that a set is made of. */
export function leavesOf(set: ParamSet): ParamSet[] {
  if (set instanceof PairedSet) return [...leavesOf(set.left), ...leavesOf(set.right)];
  return set.merged ? [...leavesOf(set.merged.over), ...leavesOf(set.merged.under)] : [set];
}

/** The value at a dotted name, whose keys may hold dots themselves. */
export function valueAt(data: Params, name: string): unknown {
  if (Object.hasOwn(data, name)) return data[name];
  for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
    const key = name.slice(0, dot);
    const below = Object.hasOwn(data, key) ? data[key] : undefined;
    const value = isObject(below) ? valueAt(below, name.slice(dot + 1)) : undefined;
    if (value !== undefined) return value;
  }
  return undefined;
}
