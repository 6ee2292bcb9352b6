import { CallError, defineFunction, type FunctionTable } from '../execute/define-function.js';
import type { Tools } from '../execute/tools.js';
import { TemplateLimitError } from '../template.errors.js';
import { deepCopy } from '../values/deep-equal.js';
import { MAX_VALUE_DEPTH } from '../values/from-json.js';
import { typeName } from '../values/go-type.js';
import { GoList, GoMap, type GoValue } from '../values/go-value.js';
import { isEmpty } from './lists.js';
import { textOf } from './text/strings.js';

function dictOf(tools: Tools, values: readonly GoValue[]): GoMap {
  const map = new GoMap();
  for (let i = 0; i < values.length; i += 2) map.entries.set(textOf(tools, values[i]), i + 1 < values.length ? values[i + 1] : '');
  return map;
}

/**
 * dario.cat/mergo 1.0 on maps: maps merge deeply, lists and everything else are taken whole. Without `overwrite` the
 * target keeps what is not empty; with it the source's empty values win too.
 */
function mergeInto(tools: Tools, target: GoMap, source: GoMap, overwrite: boolean, depth = 0): void {
  if (depth > MAX_VALUE_DEPTH) throw new TemplateLimitError(`a value is nested deeper than ${MAX_VALUE_DEPTH} levels`);
  for (const key of source.sortedKeys()) {
    tools.budget.step();
    const given = source.entries.get(key);
    const kept = target.entries.get(key);
    if (given === null || given === undefined) {
      if (overwrite) target.entries.set(key, null);
      continue;
    }
    if (given instanceof GoMap && kept instanceof GoMap) {
      mergeInto(tools, kept, given, overwrite, depth + 1);
      if (!isEmpty(kept)) continue;
    }
    if (overwrite || kept === undefined || isEmpty(kept)) target.entries.set(key, given);
  }
}

const CHANGING = { changesArguments: true };

const merging = (overwrite: boolean) =>
  defineFunction(
    ['map', '...map'],
    (tools, target, ...sources) => {
      for (const source of sources) mergeInto(tools, target, source, overwrite);
      return target;
    },
    CHANGING,
  );

function dig(values: readonly GoValue[]): GoValue {
  if (values.length < 3) throw new CallError('dig needs at least three arguments');
  const fallback = values.at(-2);
  let at: GoValue = values.at(-1);
  if (!(at instanceof GoMap)) throw wrongType(at, 'map[string]interface {}');
  const keys = values.slice(0, -2).map((key) => {
    if (typeof key !== 'string') throw wrongType(key, 'string');
    return key;
  });
  for (const key of keys) {
    if (!(at instanceof GoMap)) throw wrongType(at, 'map[string]interface {}');
    at = at.entries.get(key);
    if (at === undefined) return fallback;
  }
  return at;
}

function wrongType(value: GoValue, wanted: string): CallError {
  return new CallError(`interface conversion: interface {} is ${value === null ? 'nil' : typeName(value)}, not ${wanted}`);
}

const merge = merging(false);
const mergeOverwrite = merging(true);
const copy = defineFunction(['any'], (tools, value) => {
  if (value === null) throw new CallError('reflect: call of reflect.Value.Type on zero Value');
  return deepCopy(value, tools.budget);
});

/** `keys` and `values` come sorted by key; Go gives them in any order. */
export const dictFunctions: FunctionTable = {
  dict: defineFunction(['...any'], (tools, ...values) => dictOf(tools, values)),
  get: defineFunction(['map', 'string'], (_, map, key) => map.entries.get(key) ?? (map.entries.has(key) ? null : '')),
  set: defineFunction(
    ['map', 'string', 'any'],
    (_, map, key, value) => {
      map.entries.set(key, value);
      return map;
    },
    CHANGING,
  ),
  unset: defineFunction(
    ['map', 'string'],
    (_, map, key) => {
      map.entries.delete(key);
      return map;
    },
    CHANGING,
  ),
  hasKey: defineFunction(['map', 'string'], (_, map, key) => map.entries.has(key)),
  pluck: defineFunction(['string', '...map'], (_, key, ...maps) => {
    return new GoList(maps.filter(({ entries }) => entries.has(key)).map(({ entries }) => entries.get(key)));
  }),
  keys: defineFunction(['...map'], (_, ...maps) => {
    return new GoList(
      maps.flatMap((map) => map.sortedKeys()),
      'string',
    );
  }),
  values: defineFunction(['map'], (_, map) => new GoList(map.sortedKeys().map((key) => map.entries.get(key)))),
  pick: defineFunction(['map', '...string'], (_, map, ...names) => {
    return new GoMap(names.filter((name) => map.entries.has(name)).map((name) => [name, map.entries.get(name)] as const));
  }),
  omit: defineFunction(['map', '...string'], (_, map, ...names) => {
    return new GoMap([...map.entries].filter(([key]) => !names.includes(key)));
  }),
  merge,
  mustMerge: merge,
  mergeOverwrite,
  mustMergeOverwrite: mergeOverwrite,
  dig: defineFunction(['...any'], (_, ...values) => dig(values)),
  deepCopy: copy,
  mustDeepCopy: copy,
};
