import type { Budget } from '../execute/budget.js';
import { TemplateLimitError } from '../template.errors.js';
import { MAX_VALUE_DEPTH } from '../values/from-json.js';
import { GoFunction, GoInt, GoList, type GoMap, GoStruct, type GoValue } from '../values/go-value.js';
import { formatFloat } from './format-float.js';

/**
 * A value as Go's `%v` prints it: `map[a:1 b:[x y]]`, keys sorted, nil as `<nil>`.
 * @throws TemplateLimitError for a value that holds itself, or is larger than the budget
 */
export function formatValue(value: GoValue, budget: Budget, depth = 0): string {
  switch (typeof value) {
    case 'string':
      budget.text(value.length);
      return value;
    case 'number':
      return formatFloat(value);
    case 'bigint':
    case 'boolean':
      return String(value);
    case 'undefined':
      return '<nil>';
  }
  if (value === null) return '<nil>';
  if (value instanceof GoInt) return String(value.value);
  if (value instanceof GoStruct) return value.text();
  if (value instanceof GoFunction) return 'func';
  return formatCollection(value, budget, depth);
}

function formatCollection(value: GoList | GoMap, budget: Budget, depth: number): string {
  if (depth > MAX_VALUE_DEPTH) throw new TemplateLimitError(`a value is nested deeper than ${MAX_VALUE_DEPTH} levels`);
  if (value instanceof GoList) {
    budget.step(value.items.length + 1);
    return `[${value.items.map((item) => formatValue(item, budget, depth + 1)).join(' ')}]`;
  }
  budget.step(value.entries.size + 1);
  const members = value.sortedKeys().map((key) => `${key}:${formatValue(value.entries.get(key), budget, depth + 1)}`);
  return `map[${members.join(' ')}]`;
}

/** Whether Go's Print would put no space beside the value. */
const isText = (value: GoValue): boolean => typeof value === 'string';

/** Go's fmt.Sprint: a space stands between two operands of which neither is a text. */
export function printValues(values: readonly GoValue[], budget: Budget): string {
  let text = '';
  values.forEach((value, i) => {
    if (i > 0 && !isText(value) && !isText(values[i - 1])) text += ' ';
    text += formatValue(value, budget);
  });
  return text;
}
