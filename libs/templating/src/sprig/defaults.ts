import { defineFunction, type FunctionTable } from '../execute/define-function.js';
import { deepEqual } from '../values/deep-equal.js';
import { kindName, typeName } from '../values/go-type.js';
import { isEmpty } from './lists.js';

export const defaultFunctions: FunctionTable = {
  default: defineFunction(['any', '...any'], (_, fallback, ...given) => (given.length === 0 || isEmpty(given[0]) ? fallback : given[0])),
  empty: defineFunction(['any'], (_, value) => isEmpty(value)),
  coalesce: defineFunction(['...any'], (_, ...values) => values.find((value) => !isEmpty(value)) ?? null),
  all: defineFunction(['...any'], (_, ...values) => !values.some(isEmpty)),
  any: defineFunction(['...any'], (_, ...values) => !values.every(isEmpty)),
  ternary: defineFunction(['any', 'any', 'bool'], (_, whenTrue, whenFalse, condition) => (condition ? whenTrue : whenFalse)),
  typeOf: defineFunction(['any'], (_, value) => typeName(value)),
  typeIs: defineFunction(['string', 'any'], (_, name, value) => name === typeName(value)),
  typeIsLike: defineFunction(['string', 'any'], (_, name, value) => name === typeName(value) || `*${name}` === typeName(value)),
  kindOf: defineFunction(['any'], (_, value) => kindName(value)),
  kindIs: defineFunction(['string', 'any'], (_, name, value) => name === kindName(value)),
  deepEqual: defineFunction(['any', 'any'], (tools, a, b) => deepEqual(a, b, tools.budget)),
};
