import { formatValue } from '../format/format-value.js';
import type { BranchNode, ListNode } from '../syntax/nodes.js';
import { GoList, GoMap, type GoValue, integerOf } from '../values/go-value.js';
import type { PipelineCompiler } from './compile-pipeline.js';
import { BREAK, GO_ON, type State, type Statement } from './state.js';

/** What compiles the blocks inside a loop. */
export interface BlockCompiler {
  readonly pipes: PipelineCompiler;
  list(node: ListNode): Statement;
  scoped<T>(body: () => T): T;
}

/** `{{range}}` over a list, a map (keys sorted) or an integer; nothing to go over means the else branch. */
export function compileRange(node: BranchNode, compiler: BlockCompiler): Statement {
  const subject = compiler.pipes.pipeline(node.pipe);
  const slots = subject.slots ?? [];
  const body = compiler.scoped(() => compiler.list(node.list));
  const otherwise = node.otherwise ? compiler.scoped(() => compiler.list(node.otherwise!)) : undefined;
  const elementSlot = slots.at(-1);
  const indexSlot = slots.length > 1 ? slots[0] : undefined;
  const once = (state: State, index: GoValue, element: GoValue): boolean => {
    state.budget.step();
    if (elementSlot !== undefined) state.variables[elementSlot] = element;
    if (indexSlot !== undefined) state.variables[indexSlot] = index;
    state.dot = element;
    return body(state) !== BREAK;
  };
  return (state) => {
    state.budget.step();
    state.at = node;
    const value = subject(state);
    const { dot } = state;
    const ran = iterate(state, value, indexSlot !== undefined, once);
    state.dot = dot;
    return ran || !otherwise ? GO_ON : otherwise(state);
  };
}

/** Whether there was something to go over. */
function iterate(
  state: State,
  value: GoValue,
  twoVariables: boolean,
  once: (state: State, index: GoValue, element: GoValue) => boolean,
): boolean {
  if (value === undefined || value === null) return false;
  if (value instanceof GoList) {
    const { items } = value;
    for (let i = 0; i < items.length; i++) if (!once(state, BigInt(i), items[i])) break;
    return items.length > 0;
  }
  if (value instanceof GoMap) {
    const keys = value.sortedKeys();
    // A body that changes the map does not change the loop: keys and values are taken first, as Go does.
    const values = keys.map((key) => value.entries.get(key));
    for (let i = 0; i < keys.length; i++) if (!once(state, keys[i], values[i])) break;
    return keys.length > 0;
  }
  const count = integerOf(value);
  if (count === undefined) return state.fail(`range can't iterate over ${formatValue(value, state.budget)}`);
  if (twoVariables) state.fail(`can't use ${count} to iterate over more than one variable`);
  for (let i = 0n; i < count; i++) if (!once(state, undefined, i)) break;
  return count > 0n;
}
