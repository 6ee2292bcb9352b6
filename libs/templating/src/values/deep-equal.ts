import type { Budget } from '../execute/budget.js';
import { TemplateLimitError } from '../template.errors.js';
import { MAX_VALUE_DEPTH } from './from-json.js';
import { typeName } from './go-type.js';
import { GoInt, GoList, GoMap, GoStruct, type GoValue } from './go-value.js';

/** Go's reflect.DeepEqual: types count, so an int never equals a float64. */
export function deepEqual(a: GoValue, b: GoValue, budget: Budget, depth = 0): boolean {
  budget.step();
  if (depth > MAX_VALUE_DEPTH) throw new TemplateLimitError(`a value is nested deeper than ${MAX_VALUE_DEPTH} levels`);
  if ((a ?? null) === (b ?? null)) return true;
  if (typeName(a) !== typeName(b)) return false;
  if (a instanceof GoInt && b instanceof GoInt) return a.value === b.value;
  if (a instanceof GoStruct && b instanceof GoStruct) return a.text() === b.text();
  if (a instanceof GoList && b instanceof GoList) {
    if (a.isNil !== b.isNil || a.items.length !== b.items.length) return false;
    return a.items.every((item, i) => deepEqual(item, b.items[i], budget, depth + 1));
  }
  if (a instanceof GoMap && b instanceof GoMap) {
    if (a.entries.size !== b.entries.size) return false;
    return [...a.entries].every(([key, value]) => b.entries.has(key) && deepEqual(value, b.entries.get(key), budget, depth + 1));
  }
  return false;
}

/** A copy that shares nothing with the value. */
export function deepCopy(value: GoValue, budget: Budget, depth = 0): GoValue {
  budget.step();
  if (depth > MAX_VALUE_DEPTH) throw new TemplateLimitError(`a value is nested deeper than ${MAX_VALUE_DEPTH} levels`);
  if (value instanceof GoList) {
    const items = value.items.map((item) => deepCopy(item, budget, depth + 1));
    return new GoList(items, value.element, value.isNil);
  }
  if (!(value instanceof GoMap)) return value;
  const members = [...value.entries].map(([key, member]) => [key, deepCopy(member, budget, depth + 1)] as const);
  return new GoMap(members, value.element);
}
