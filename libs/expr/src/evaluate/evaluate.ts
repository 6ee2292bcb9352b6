import { GoTime, UTC } from '@flotilla/templating';
import { listBuiltins } from '../builtins/list-builtins.js';
import { numberBuiltins } from '../builtins/number-builtins.js';
import { type Ask, PREDICATE_BUILTINS } from '../builtins/predicates.js';
import { textBuiltins } from '../builtins/text-builtins.js';
import { ExprFailedError } from '../expr.errors.js';
import { readDate, readDuration } from '../namespaces/read-time.js';
import type { Node } from '../syntax/nodes.js';
import { boolOf, ExprFunction, isMapping, listOf, type Mapping, nilOf, numberOf, textOf, typeName } from '../values.js';
import { calculate } from './arithmetic.js';
import type { ExprBudget } from './budget.js';
import { compareValues, isEqual } from './compare.js';
import { matchesPattern } from './match-pattern.js';
import { memberOf, sliceOf } from './members.js';

/** What an expression sees: its variables, and inside a predicate the element it is about. */
export interface Scope {
  variables: Mapping;
  now: () => number;
  pointer?: { element: unknown; index: number; accumulator: unknown };
}

/** Ends a chain of members early: an optional one was asked of nil. */
class NilInChain extends Error {}

const BUILTINS: Readonly<Record<string, ExprFunction>> = {
  ...listBuiltins,
  ...numberBuiltins,
  ...textBuiltins,
  duration: new ExprFunction(([text]) => readDuration(textOf(text, 'duration'))),
  date: new ExprFunction(([text, layout]) => readDate(textOf(text, 'date'), layout === undefined ? undefined : textOf(layout, 'date'))),
};

/** @throws ExprFailedError, ExprLimitError */
export function evaluate(node: Node, scope: Scope, budget: ExprBudget): unknown {
  budget.step();
  const value = (part: Node): unknown => evaluate(part, scope, budget);
  switch (node.type) {
    case 'literal':
      return node.value;
    case 'name':
      return variable(node.name, scope);
    case 'pointer':
      return pointer(node.name, scope);
    case 'unary':
      return unary(node.operator, value(node.operand));
    case 'binary':
      return binary(node.operator, value(node.left), value(node.right), budget);
    case 'logic':
      return logic(node, scope, budget);
    case 'choice':
      return boolOf(value(node.condition), 'a condition') ? value(node.yes) : value(node.no);
    case 'member': {
      const object = value(node.object);
      if (node.isOptional && object === null) throw new NilInChain();
      return memberOf(object, value(node.key));
    }
    case 'chain':
      return chain(() => value(node.inner));
    case 'slice':
      return sliceOf(value(node.object), node.from && value(node.from), node.to && value(node.to));
    case 'call':
      return call(node, scope, budget);
    case 'builtin':
      return builtin(node.name, node.args, scope, budget);
    case 'predicate':
      throw new ExprFailedError('a predicate stands where a value is expected');
    case 'array':
      return node.items.map(value);
    case 'map':
      return Object.fromEntries(node.entries.map(([key, member]) => [textOf(value(key), 'a key'), value(member)]));
    case 'let':
      return evaluate(node.body, { ...scope, variables: { ...scope.variables, [node.name]: value(node.value) } }, budget);
    case 'sequence':
      return node.steps.map(value).at(-1);
  }
}

function variable(name: string, { variables }: Scope): unknown {
  if (name === '$env') return variables;
  return Object.hasOwn(variables, name) ? nilOf(variables[name]) : null;
}

function pointer(name: '' | 'index' | 'acc', { pointer: at }: Scope): unknown {
  if (!at) throw new ExprFailedError('# stands outside of a predicate');
  return nilOf(name === '' ? at.element : name === 'index' ? at.index : at.accumulator);
}

function unary(operator: 'not' | '-' | '+', operand: unknown): unknown {
  if (operator === 'not') return !boolOf(operand, 'not');
  return operator === '-' ? -numberOf(operand, '-') : numberOf(operand, '+');
}

function logic(node: Extract<Node, { type: 'logic' }>, scope: Scope, budget: ExprBudget): unknown {
  if (node.operator === '??') return evaluate(node.left, scope, budget) ?? evaluate(node.right, scope, budget);
  const left = boolOf(evaluate(node.left, scope, budget), node.operator);
  if (left === (node.operator === 'or')) return left;
  return boolOf(evaluate(node.right, scope, budget), node.operator);
}

function chain(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    if (error instanceof NilInChain) return null;
    throw error;
  }
}

function binary(operator: string, a: unknown, b: unknown, budget: ExprBudget): unknown {
  switch (operator) {
    case '==':
      return isEqual(a, b, budget);
    case '!=':
      return !isEqual(a, b, budget);
    case '<':
      return compareValues(a, b, operator) < 0;
    case '>':
      return compareValues(a, b, operator) > 0;
    case '<=':
      return compareValues(a, b, operator) <= 0;
    case '>=':
      return compareValues(a, b, operator) >= 0;
    case 'in':
      return isIn(a, b, budget);
    case 'contains':
      return textOf(a, operator).includes(textOf(b, operator));
    case 'startsWith':
      return textOf(a, operator).startsWith(textOf(b, operator));
    case 'endsWith':
      return textOf(a, operator).endsWith(textOf(b, operator));
    case 'matches':
      return a === null ? false : matchesPattern(textOf(b, operator), textOf(a, operator), budget);
    default:
      return calculate(operator, a, b, budget);
  }
}

function isIn(needle: unknown, stack: unknown, budget: ExprBudget): boolean {
  if (stack === null) return false;
  if (Array.isArray(stack)) return stack.some((item) => isEqual(item, needle, budget));
  if (!isMapping(stack)) throw new ExprFailedError(`operator "in" not defined on ${typeName(stack)}`);
  if (needle === null) return false;
  return Object.hasOwn(stack, textOf(needle, 'in'));
}

function call(node: Extract<Node, { type: 'call' }>, scope: Scope, budget: ExprBudget): unknown {
  const callee = evaluate(node.callee, scope, budget);
  if (!(callee instanceof ExprFunction)) {
    const name = node.callee.type === 'name' ? node.callee.name : 'a value';
    throw new ExprFailedError(`${name} is ${typeName(callee)} and no function`);
  }
  return nilOf(
    callee.call(
      node.args.map((argument) => evaluate(argument, scope, budget)),
      budget,
    ),
  );
}

function builtin(name: string, args: readonly Node[], scope: Scope, budget: ExprBudget): unknown {
  const ofPredicate = PREDICATE_BUILTINS[name];
  if (ofPredicate) {
    const [list, predicate, ...rest] = args;
    if (!list) throw new ExprFailedError(`${name} needs a list`);
    const items = itemsOf(evaluate(list, scope, budget), name);
    const ask = predicate?.type === 'predicate' ? asking(predicate.body, scope, budget) : undefined;
    return ofPredicate(
      items,
      ask,
      rest.map((argument) => evaluate(argument, scope, budget)),
    );
  }
  if (name === 'now') return new GoTime(BigInt(scope.now()) * 1_000_000n, UTC);
  const values = args.map((argument) => evaluate(argument, scope, budget));
  if (values.length === 0) throw new ExprFailedError(`${name} needs an argument`);
  return nilOf(BUILTINS[name]!.call(values, budget));
}

/** nil has no elements to be asked about, which is an error, as in expr-lang. */
function itemsOf(value: unknown, name: string): readonly unknown[] {
  return listOf(value, name);
}

function asking(body: Node, scope: Scope, budget: ExprBudget): Ask {
  return (element, index, accumulator) => evaluate(body, { ...scope, pointer: { element, index, accumulator } }, budget);
}
