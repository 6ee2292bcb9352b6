import { typeName } from '../values/go-type.js';
import { GoMap, GoStruct, type GoValue } from '../values/go-value.js';
import type { State } from './state.js';

/** `.name` of a value that is not a method call, by the rules of Go's evalField and the template's missingkey option. */
export function readField(state: State, receiver: GoValue, name: string, isFirst: boolean): GoValue {
  if (receiver === undefined) {
    return state.missingKey === 'error' ? state.fail(`nil data; no entry for key ${JSON.stringify(name)}`) : undefined;
  }
  if (receiver === null) return state.fail(`nil pointer evaluating interface {}.${name}`);
  if (receiver instanceof GoMap) return readEntry(state, receiver, name);
  const member = receiver instanceof GoStruct ? receiver.member(name) : undefined;
  if (member !== undefined) return member;
  // What was taken out of a map has, to Go, the map's element type.
  const type = isFirst || receiver instanceof GoStruct ? typeName(receiver) : 'interface {}';
  return state.fail(`can't evaluate field ${name} in type ${type}`);
}

function readEntry(state: State, map: GoMap, name: string): GoValue {
  const value = map.entries.get(name);
  if (value !== undefined || state.missingKey === 'default') return value;
  if (state.missingKey === 'error') return state.fail(`map has no entry for key ${JSON.stringify(name)}`);
  return map.element === 'string' ? '' : null;
}
