import { canonicalJson, isObject } from '@flotilla/kernel';
import type { Comparison, Expression } from './parse-expression.js';
import { checkPattern, MAX_TESTED_CHARS } from './safe-pattern.js';

/** Member names and list indexes from the root. */
export type JsonPath = readonly (string | number)[];

/** A value and where it stands; what was computed stands nowhere. */
interface Place {
  value: unknown;
  path: JsonPath | undefined;
}

/** Values one expression may give or look at for one object. */
const MAX_STEPS = 100_000;

/** jq would fail here: the expression as a whole has no effect on this object. */
class JqFailure extends Error {}

/** Where the expression points in a value; nothing where jq would fail, or where it takes too many steps. */
export function pathsOf(expression: Expression, root: unknown): JsonPath[] {
  const budget = { steps: MAX_STEPS };
  try {
    return [...evaluate(expression, { value: root, path: [] }, budget)].map(({ path }) => {
      if (path === undefined) throw new JqFailure('not a path');
      return path;
    });
  } catch (error) {
    if (error instanceof JqFailure) return [];
    throw error;
  }
}

interface Budget {
  steps: number;
}

function* evaluate(expression: Expression, input: Place, budget: Budget): Generator<Place> {
  if (--budget.steps < 0) throw new JqFailure('too many steps');
  switch (expression.kind) {
    case 'identity':
      yield input;
      return;
    case 'literal':
      yield computed(expression.value);
      return;
    case 'recurse':
      yield* recurse(input, budget);
      return;
    case 'member':
      for (const place of evaluate(expression.of, input, budget)) yield member(place, expression.key);
      return;
    case 'each':
      for (const place of evaluate(expression.of, input, budget)) yield* each(place, budget);
      return;
    case 'optional':
      yield* optional(expression.of, input, budget);
      return;
    case 'pipe':
      for (const place of evaluate(expression.left, input, budget)) yield* evaluate(expression.right, place, budget);
      return;
    case 'comma':
      yield* evaluate(expression.left, input, budget);
      yield* evaluate(expression.right, input, budget);
      return;
    case 'call':
      yield* call(expression, input, budget);
      return;
    default:
      yield* judge(expression, input, budget);
  }
}

const computed = (value: unknown): Place => ({ value, path: undefined });
const isTrue = (value: unknown): boolean => value !== null && value !== undefined && value !== false;

function below({ path }: Place, key: string | number, value: unknown): Place {
  return { value: value ?? null, path: path && [...path, key] };
}

function member(place: Place, key: string | number): Place {
  const { value } = place;
  if (value === null || value === undefined) return below(place, key, null);
  if (typeof key === 'string' && isObject(value)) return below(place, key, Object.hasOwn(value, key) ? value[key] : null);
  if (typeof key === 'number' && Array.isArray(value)) return below(place, key < 0 ? key + value.length : key, value.at(key));
  throw new JqFailure('no such kind of member');
}

function* each(place: Place, budget: Budget): Generator<Place> {
  const { value } = place;
  const entries: [string | number, unknown][] | undefined = Array.isArray(value)
    ? value.map((item, i) => [i, item])
    : isObject(value)
      ? Object.entries(value)
      : undefined;
  if (!entries) throw new JqFailure('nothing to go through');
  budget.steps -= entries.length;
  for (const [key, item] of entries) yield below(place, key, item);
}

function* recurse(place: Place, budget: Budget): Generator<Place> {
  if (--budget.steps < 0) throw new JqFailure('too many steps');
  yield place;
  if (Array.isArray(place.value) || isObject(place.value)) {
    for (const inner of each(place, budget)) yield* recurse(inner, budget);
  }
}

/** What came before a failure stays; the failure itself says nothing. */
function* optional(expression: Expression, input: Place, budget: Budget): Generator<Place> {
  try {
    yield* evaluate(expression, input, budget);
  } catch (error) {
    if (!(error instanceof JqFailure) || budget.steps < 0) throw error;
  }
}

function* judge(expression: Extract<Expression, { left: Expression }>, input: Place, budget: Budget): Generator<Place> {
  for (const { value: left } of evaluate(expression.left, input, budget)) {
    if (expression.kind === 'and' && !isTrue(left)) yield computed(false);
    else if (expression.kind === 'or' && isTrue(left)) yield computed(true);
    else {
      for (const { value: right } of evaluate(expression.right, input, budget)) {
        yield computed(expression.kind === 'compare' ? compare(expression.operator, left, right) : isTrue(right));
      }
    }
  }
}

function compare(operator: Comparison, a: unknown, b: unknown): boolean {
  if (operator === '==' || operator === '!=') return (canonicalJson(a ?? null) === canonicalJson(b ?? null)) === (operator === '==');
  const order = orderOf(a, b);
  if (operator === '<' || operator === '>') return operator === '<' ? order < 0 : order > 0;
  return operator === '<=' ? order <= 0 : order >= 0;
}

const TYPES = ['null', 'boolean', 'number', 'string', 'array', 'object'];

/** jq's order of values: by type first; lists and objects among themselves are not put in order here. */
function orderOf(a: unknown, b: unknown): number {
  const [x, y] = [TYPES.indexOf(typeOf(a)), TYPES.indexOf(typeOf(b))];
  if (x !== y) return x - y;
  if (x >= TYPES.indexOf('array')) throw new JqFailure('no order between these');
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
}

function* call({ name, argument }: Extract<Expression, { kind: 'call' }>, input: Place, budget: Budget): Generator<Place> {
  if (name === 'empty') return;
  if (name === 'select') {
    for (const { value } of evaluate(argument!, input, budget)) if (isTrue(value)) yield input;
    return;
  }
  if (name === 'any' || name === 'all') {
    const judged: boolean[] = [];
    for (const item of each(input, budget)) for (const { value } of evaluate(argument!, item, budget)) judged.push(isTrue(value));
    yield computed(name === 'any' ? judged.includes(true) : !judged.includes(false));
    return;
  }
  if (!argument) {
    yield computed(simple(name, input.value));
    return;
  }
  for (const { value } of evaluate(argument, input, budget)) yield computed(withArgument(name, input.value, value));
}

function simple(name: string, value: unknown): unknown {
  if (name === 'not') return !isTrue(value);
  if (name === 'type') return typeOf(value);
  if (name === 'keys' && isObject(value)) return Object.keys(value).sort();
  if (name === 'length') {
    if (value === null || value === undefined) return 0;
    if (typeof value === 'string') return [...value].length;
    if (Array.isArray(value)) return value.length;
    if (isObject(value)) return Object.keys(value).length;
  }
  throw new JqFailure(`${name} of a ${typeOf(value)}`);
}

function typeOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function withArgument(name: string, value: unknown, argument: unknown): boolean {
  if (name === 'has' && isObject(value) && typeof argument === 'string') return Object.hasOwn(value, argument);
  if (name === 'has' && Array.isArray(value) && typeof argument === 'number') return argument >= 0 && argument < value.length;
  if (typeof value === 'string' && typeof argument === 'string') {
    if (name === 'startswith') return value.startsWith(argument);
    if (name === 'endswith') return value.endsWith(argument);
    if (name === 'contains') return value.includes(argument);
    if (name === 'test') return value.length <= MAX_TESTED_CHARS && checkPattern(argument).test(value);
  }
  throw new JqFailure(`${name} of a ${typeOf(value)}`);
}
