import { GoFunction, GoInt, GoList, GoMap, GoStruct, type GoValue } from './go-value.js';

/** A value's type as Go's `%T` writes it; `<nil>` for none. */
export function typeName(value: GoValue): string {
  switch (typeof value) {
    case 'undefined':
      return '<nil>';
    case 'boolean':
      return 'bool';
    case 'number':
      return 'float64';
    case 'bigint':
      return 'int';
    case 'string':
      return 'string';
  }
  if (value === null) return '<nil>';
  if (value instanceof GoInt) return value.kind;
  if (value instanceof GoList) return `[]${value.element}`;
  if (value instanceof GoMap) return `map[string]${value.element}`;
  if (value instanceof GoStruct) return value.goType;
  return 'func';
}

/** A value's kind as Go's reflect names it. */
export function kindName(value: GoValue): string {
  if (value === undefined || value === null) return 'invalid';
  if (value instanceof GoList) return 'slice';
  if (value instanceof GoMap) return 'map';
  if (value instanceof GoFunction) return 'func';
  if (value instanceof GoStruct) return value.goType.startsWith('*') ? 'ptr' : 'struct';
  return typeName(value);
}

/** What `if`, `and` and `not` see. */
export function isTrue(value: GoValue): boolean {
  switch (typeof value) {
    case 'undefined':
      return false;
    case 'boolean':
      return value;
    case 'number':
      // NaN is true in Go, unlike here.
      return value !== 0;
    case 'bigint':
      return value !== 0n;
    case 'string':
      return value !== '';
  }
  if (value === null) return false;
  if (value instanceof GoInt) return value.value !== 0n;
  if (value instanceof GoList) return value.items.length > 0;
  if (value instanceof GoMap) return value.entries.size > 0;
  return true;
}
