import { formatValue } from '../format/format-value.js';
import { formatPrintf } from '../format/printf.js';
import { typeName } from '../values/go-type.js';
import { GoFunction, GoInt, GoList, GoMap, type GoValue, integerOf } from '../values/go-value.js';
import { CallError, defineFunction, type FunctionTable } from './define-function.js';
import type { Tools } from './tools.js';

type Basic = 'bool' | 'int' | 'uint' | 'float' | 'string';

function basicKind(value: GoValue): Basic | undefined {
  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'number':
      return 'float';
    case 'bigint':
      return 'int';
    case 'string':
      return 'string';
  }
  if (value instanceof GoInt) return value.kind.startsWith('u') ? 'uint' : 'int';
  return undefined;
}

const isInteger = (kind: Basic | undefined): boolean => kind === 'int' || kind === 'uint';

function equal(tools: Tools, a: GoValue, b: GoValue): boolean {
  const kinds = [basicKind(a), basicKind(b)] as const;
  if (isInteger(kinds[0]) && isInteger(kinds[1])) return integerOf(a) === integerOf(b);
  if (kinds[0] !== kinds[1]) {
    if ((a ?? null) === null || (b ?? null) === null) return false;
    throw new CallError(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
  }
  if (kinds[0] !== undefined) return a === b;
  return equalReferences(tools, a ?? null, b ?? null);
}

/** Lists, maps and functions compare with nil only. */
function equalReferences(tools: Tools, a: GoValue, b: GoValue): boolean {
  if (a === null || b === null) return isNil(a) && isNil(b);
  if (b instanceof GoList || b instanceof GoMap || b instanceof GoFunction) {
    if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) {
      throw new CallError(`non-comparable types ${asText(tools, a)}: ${typeName(a)}, ${typeName(b)}: ${formatValue(b, tools.budget)}`);
    }
    if (isNil(a) || isNil(b)) return isNil(a) === isNil(b);
    throw new CallError(`non-comparable type ${asText(tools, b)}: ${typeName(b)}`);
  }
  return a === b;
}

/** Go's message prints values as `%s` does. */
const asText = (tools: Tools, value: GoValue): string => formatPrintf('%s', [value], tools.budget);

function isNil(value: GoValue): boolean {
  return value === null || (value instanceof GoList && value.isNil);
}

function less(a: GoValue, b: GoValue): boolean {
  const kinds = [basicKind(a), basicKind(b)] as const;
  if (kinds[0] === undefined || kinds[1] === undefined) throw new CallError('invalid type for comparison');
  if (isInteger(kinds[0]) && isInteger(kinds[1])) return integerOf(a)! < integerOf(b)!;
  if (kinds[0] !== kinds[1]) throw new CallError(`incompatible types for comparison: ${typeName(a)} and ${typeName(b)}`);
  if (kinds[0] === 'bool') throw new CallError('invalid type for comparison');
  if (kinds[0] === 'string') return Buffer.compare(Buffer.from(a as string), Buffer.from(b as string)) < 0;
  return (a as number) < (b as number);
}

const comparison = (decide: (tools: Tools, a: GoValue, b: GoValue) => boolean) => defineFunction(['value', 'value'], decide);

/** Go's eq, ne, lt, le, gt, ge: values of different basic types do not compare, float64 against int among them. */
export const compareFunctions: FunctionTable = {
  eq: defineFunction(['value', '...value'], (tools, first, ...others) => {
    if (others.length === 0) throw new CallError('missing argument for comparison');
    return others.some((other) => equal(tools, first, other));
  }),
  ne: comparison((tools, a, b) => !equal(tools, a, b)),
  lt: comparison((_, a, b) => less(a, b)),
  le: comparison((tools, a, b) => less(a, b) || equal(tools, a, b)),
  gt: comparison((tools, a, b) => !(less(a, b) || equal(tools, a, b))),
  ge: comparison((_, a, b) => !less(a, b)),
};
