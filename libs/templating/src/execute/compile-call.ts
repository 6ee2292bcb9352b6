import type { IdentifierNode, Node, OperandNode } from '../syntax/nodes.js';
import { nodeText } from '../syntax/nodes.js';
import { isTrue } from '../values/go-type.js';
import type { GoFunction, GoValue, ParamKind } from '../values/go-value.js';
import { checkArgument, constantArgument, nilArgument } from './arguments.js';
import { CallError } from './define-function.js';
import { ExecutionProblem, type Expression, type State } from './state.js';

/** Stands where a command gets nothing from the pipeline before it. */
export const NOTHING = Symbol('nothing');
export type Piped = GoValue | typeof NOTHING;
/** How to run one command of a pipeline. */
export type Command = (state: State, piped: Piped) => GoValue;

type Argument = (state: State) => unknown;
const CONSTANTS: ReadonlySet<OperandNode['type']> = new Set(['bool', 'number', 'string']);

/** An argument for a parameter of a kind: constants take its type, everything else is checked. */
export function compileArgument(node: OperandNode, kind: ParamKind, expression: Expression): Argument {
  if (node.type === 'nil') {
    return (state) => {
      state.at = node;
      return nilArgument(state, kind);
    };
  }
  if (CONSTANTS.has(node.type) && kind !== 'any' && kind !== 'value') {
    return (state) => {
      state.at = node;
      return constantArgument(state, kind, node);
    };
  }
  if (kind === 'value') return expression;
  if (kind === 'any') return (state) => expression(state) ?? null;
  return (state) => checkArgument(state, kind, expression(state));
}

/** A call of a function known when the template is read. */
export function compileCall(
  target: GoFunction,
  node: IdentifierNode,
  command: Node,
  args: readonly OperandNode[],
  toExpression: (node: OperandNode) => Expression,
): Command {
  const { name } = node;
  if (name === 'and' || name === 'or') return compileShortCircuit(name, node, args.map(toExpression));
  const argumentsOf = args.map((arg, i) => compileArgument(arg, paramKind(target, i), toExpression(arg)));
  const callee = name === 'call' ? [args[0] ? nodeText(args[0]) : ''] : [];
  return (state, piped) => {
    state.budget.step();
    state.at = node;
    const wrong = wrongCount(target, name, args.length, piped);
    if (wrong) state.fail(wrong);
    const values: unknown[] = argumentsOf.map((argument) => argument(state));
    if (piped !== NOTHING) values.push(checkArgument(state, paramKind(target, args.length), piped));
    return invoke(state, target, command, name, [...callee, ...values]);
  };
}

/** A method or function value met while running, whose arguments could not be prepared. */
export function callMember(state: State, target: GoFunction, name: string, node: Node, args: readonly Argumented[], piped: Piped): GoValue {
  const wrong = wrongCount(target, name, args.length, piped);
  if (wrong) state.fail(wrong);
  const values = args.map((arg, i) => compileArgument(arg.node, paramKind(target, i), arg.expression)(state));
  if (piped !== NOTHING) values.push(checkArgument(state, paramKind(target, args.length), piped));
  return invoke(state, target, node, name, values);
}

export interface Argumented {
  node: OperandNode;
  expression: Expression;
}

function invoke(state: State, target: GoFunction, node: Node, name: string, values: readonly unknown[]): GoValue {
  try {
    const result = target.call(state, values);
    if (typeof result === 'string') state.budget.text(result.length);
    return result;
  } catch (error) {
    if (error instanceof ExecutionProblem) throw error;
    state.at = node;
    const message =
      error instanceof CallError || !(error instanceof TypeError) ? (error as Error).message : 'the arguments are of the wrong type';
    throw new ExecutionProblem(`error calling ${name}: ${message}`, name, error);
  }
}

function paramKind({ params, isVariadic }: GoFunction, index: number): ParamKind {
  return params[isVariadic ? Math.min(index, params.length - 1) : index] ?? 'any';
}

function wrongCount({ params, isVariadic }: GoFunction, name: string, written: number, piped: Piped): string | undefined {
  const given = written + (piped === NOTHING ? 0 : 1);
  if (isVariadic) {
    const fixed = params.length - 1;
    return given < fixed ? `wrong number of args for ${name}: want at least ${fixed} got ${written}` : undefined;
  }
  return given === params.length ? undefined : `wrong number of args for ${name}: want ${params.length} got ${given}`;
}

/** `and` and `or` stop at the argument that decides; what comes from the pipeline is last. */
function compileShortCircuit(name: 'and' | 'or', node: Node, args: readonly Expression[]): Command {
  return (state, piped) => {
    state.budget.step();
    state.at = node;
    if (args.length === 0 && piped === NOTHING) state.fail(`wrong number of args for ${name}: want at least 1 got 0`);
    let value: GoValue;
    for (const arg of args) {
      value = arg(state);
      if (isTrue(value) === (name === 'or')) return value;
    }
    return piped === NOTHING ? value : piped;
  };
}
