import type { NumberNode, OperandNode } from '../syntax/nodes.js';
import { nodeText } from '../syntax/nodes.js';
import { GoList, GoMap, GoStruct, type GoValue, integerOf, type ParamKind } from '../values/go-value.js';
import type { State } from './state.js';

/** Parameter types as Go's messages spell them. */
const GO_TYPES: Readonly<Record<ParamKind, string>> = {
  value: 'reflect.Value',
  any: 'interface {}',
  string: 'string',
  int: 'int',
  int64: 'int64',
  uint32: 'uint32',
  float64: 'float64',
  bool: 'bool',
  map: 'map[string]interface {}',
  strings: '[]string',
  list: '[]interface {}',
  time: 'time.Time',
};

const NOT_NIL: ReadonlySet<ParamKind> = new Set(['string', 'int', 'int64', 'uint32', 'float64', 'bool', 'time']);

/** A value as a parameter takes it. @throws ExecutionProblem in Go's words when it does not fit */
export function checkArgument(state: State, kind: ParamKind, value: GoValue): unknown {
  if (kind === 'value') return value;
  if (kind === 'any') return value ?? null;
  if (value === undefined || value === null) return absentArgument(state, kind, value);
  const fitting = fit(kind, value);
  return fitting === undefined ? state.failedType(GO_TYPES[kind], value) : fitting;
}

/** A missing value is nil where the type has one; a nil interface is of no other type. */
function absentArgument(state: State, kind: ParamKind, value: undefined | null): unknown {
  if (value === null && !NOT_NIL.has(kind)) return state.fail(`wrong type for value; expected ${GO_TYPES[kind]}; got interface {}`);
  if (NOT_NIL.has(kind)) {
    return state.fail(
      value === null ? `wrong type for value; expected ${GO_TYPES[kind]}; got interface {}` : `invalid value; expected ${GO_TYPES[kind]}`,
    );
  }
  return kind === 'map' ? new GoMap() : new GoList([], 'interface {}', true);
}

function fit(kind: ParamKind, value: GoValue): unknown {
  switch (kind) {
    case 'string':
      return typeof value === 'string' ? value : undefined;
    case 'bool':
      return typeof value === 'boolean' ? value : undefined;
    case 'float64':
      return typeof value === 'number' ? value : undefined;
    case 'int':
      return typeof value === 'bigint' ? Number(value) : undefined;
    case 'int64':
      return typeof value === 'object' ? integerOf(value) : undefined;
    case 'map':
      // Argo CD refuses maps of texts (labels) here; the functions only read them, so they are let in.
      return value instanceof GoMap ? value : undefined;
    case 'time':
      return value instanceof GoStruct && value.goType === GO_TYPES.time ? value : undefined;
    case 'strings':
    case 'list':
      return value instanceof GoList ? value : undefined;
    default:
      return undefined;
  }
}

/** A constant takes the type of the parameter it is given to: `3` is a float64 where one is wanted. */
export function constantArgument(state: State, kind: ParamKind, node: OperandNode): unknown {
  switch (kind) {
    case 'string':
      return node.type === 'string' ? node.text : state.fail(`expected string; found ${nodeText(node)}`);
    case 'bool':
      return node.type === 'bool' ? node.value : state.fail(`expected bool; found ${nodeText(node)}`);
    case 'int':
    case 'int64':
    case 'uint32':
      return integerConstant(state, kind, node);
    case 'float64':
      return node.type === 'number' && node.float !== undefined ? node.float : state.fail(`expected float; found ${nodeText(node)}`);
  }
  return state.fail(`can't handle ${nodeText(node)} for arg of type ${GO_TYPES[kind]}`);
}

function integerConstant(state: State, kind: ParamKind, node: OperandNode): unknown {
  if (node.type !== 'number' || node.integer === undefined || node.ideal === 'overflow') {
    return state.fail(`expected ${kind === 'uint32' ? 'unsigned ' : ''}integer; found ${nodeText(node)}`);
  }
  return kind === 'int64' ? node.integer : Number(kind === 'uint32' ? BigInt.asUintN(32, node.integer) : node.integer);
}

/** A constant whose type nothing says. */
export function idealConstant(state: State, node: NumberNode): GoValue {
  if (node.ideal === 'float') return node.float!;
  if (node.ideal === 'overflow') return state.fail(`${node.text} overflows int`);
  return node.integer!;
}

export function nilArgument(state: State, kind: ParamKind): unknown {
  if (kind === 'value') return undefined;
  if (kind === 'any') return null;
  if (NOT_NIL.has(kind)) return state.fail(`cannot assign nil to ${GO_TYPES[kind]}`);
  return kind === 'map' ? new GoMap() : new GoList([], 'interface {}', true);
}
