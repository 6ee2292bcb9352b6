import type { ChainNode, CommandNode, FieldNode, OperandNode, PipeNode, VariableNode } from '../syntax/nodes.js';
import { nodeText } from '../syntax/nodes.js';
import { GoFunction, GoStruct, type GoValue } from '../values/go-value.js';
import { idealConstant } from './arguments.js';
import { type Argumented, type Command, callMember, compileCall, NOTHING, type Piped } from './compile-call.js';
import type { FunctionTable } from './define-function.js';
import { readField } from './fields.js';
import type { Expression, State } from './state.js';

/** Turns pipelines into closures; variables become slots, functions are looked up once. */
export class PipelineCompiler {
  /** Names of the variables in scope; a name's slot is its last index. */
  scope: string[] = ['$'];
  readonly #functions: FunctionTable;

  constructor(functions: FunctionTable) {
    this.#functions = functions;
  }

  /** The slot of each variable a pipeline declares or assigns, in order. */
  pipeline(node: PipeNode): Expression & { slots?: number[] } {
    const commands = node.commands.map((command) => this.#command(command));
    const slots = node.declared.map(({ names }) => (node.isAssign ? this.scope.lastIndexOf(names[0]!) : this.scope.push(names[0]!) - 1));
    // Go's parser takes an assignment for a declaration and lets it pass.
    const unknown = node.declared.find((_, i) => slots[i]! < 0)?.names[0];
    const run: Expression = (state) => {
      state.at = node;
      let value: Piped = NOTHING;
      for (const command of commands) {
        value = command(state, value);
        // A nil interface stands for nothing once it has left its command.
        if (value === null) value = undefined;
      }
      if (unknown) state.fail(`undefined variable: ${unknown}`);
      for (const slot of slots) state.variables[slot] = value as GoValue;
      return value as GoValue;
    };
    return Object.assign(run, { slots });
  }

  #command(node: CommandNode): Command {
    const [first, ...args] = node.args as [OperandNode, ...OperandNode[]];
    switch (first.type) {
      case 'identifier':
        return compileCall(this.#functions[first.name]!, first, node, args, (arg) => this.#operand(arg));
      case 'field':
      case 'chain':
      case 'variable':
        return this.#fields(first, args);
      case 'nil':
        return (state) => {
          state.at = first;
          return state.fail('nil is not a command');
        };
    }
    const value = this.#operand(first);
    return (state, piped) => {
      if (first.type !== 'pipe') state.at = first;
      if (args.length > 0 || piped !== NOTHING) state.fail(`can't give argument to non-function ${nodeText(first)}`);
      return value(state);
    };
  }

  /** A value where an argument or a chain's start is wanted. */
  #operand(node: OperandNode): Expression {
    switch (node.type) {
      case 'pipe':
        return this.pipeline(node);
      case 'identifier': {
        const call = compileCall(this.#functions[node.name]!, node, node, [], (arg) => this.#operand(arg));
        return (state) => call(state, NOTHING);
      }
      case 'field':
      case 'chain':
      case 'variable': {
        const read = this.#fields(node, []);
        return (state) => read(state, NOTHING);
      }
    }
    return (state) => {
      state.at = node;
      switch (node.type) {
        case 'dot':
          return state.dot;
        case 'bool':
          return node.value;
        case 'string':
          return node.text;
        case 'number':
          return idealConstant(state, node);
        default:
          return null;
      }
    };
  }

  #fields(node: FieldNode | ChainNode | VariableNode, args: readonly OperandNode[]): Command {
    const start = this.#start(node);
    const names = node.type === 'variable' ? node.names.slice(1) : node.names;
    const argumented = args.map((arg): Argumented => ({ node: arg, expression: this.#operand(arg) }));
    if (names.length === 0) {
      return (state, piped) => {
        state.at = node;
        if (args.length > 0 || piped !== NOTHING) state.fail(`can't give argument to non-function ${nodeText(node)}`);
        return start(state);
      };
    }
    const last = names.length - 1;
    return (state, piped) => {
      state.at = node;
      let value = start(state);
      for (let i = 0; i < last; i++) value = member(state, value, names[i]!, node, i === 0, [], NOTHING);
      return member(state, value, names[last]!, node, last === 0, argumented, piped);
    };
  }

  #start(node: FieldNode | ChainNode | VariableNode): Expression {
    if (node.type === 'field') return (state) => state.dot;
    if (node.type === 'variable') {
      const slot = this.scope.lastIndexOf(node.names[0]!);
      return (state) => (slot < 0 ? state.fail(`undefined variable: ${node.names[0]}`) : state.variables[slot]);
    }
    if (node.operand.type === 'nil') return (state) => state.fail(`indirection through explicit nil in ${nodeText(node)}`);
    return this.#operand(node.operand);
  }
}

/** A field, or the answer of a method; only the last name of a chain gets arguments. */
function member(
  state: State,
  receiver: GoValue,
  name: string,
  node: FieldNode | ChainNode | VariableNode,
  isFirst: boolean,
  args: readonly Argumented[],
  piped: Piped = NOTHING,
): GoValue {
  const value = readField(state, receiver, name, isFirst);
  if (value instanceof GoFunction && receiver instanceof GoStruct) return callMember(state, value, name, node, args, piped);
  if (args.length > 0 || piped !== NOTHING) {
    if (receiver === undefined) return undefined;
    const what = receiver instanceof GoStruct ? 'has arguments but cannot be invoked as function' : 'is not a method but has arguments';
    return state.fail(`${name} ${what}`);
  }
  return value;
}
