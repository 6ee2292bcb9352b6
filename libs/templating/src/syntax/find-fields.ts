import type { CommandNode, ListNode, OperandNode, PipeNode } from './nodes.js';

/**
 * The fields of the data a template names, as paths of keys: `.a.b` where the dot is still the data, `$.a.b` anywhere, and
 * `index .a "b"`. What a `range` or `with` does to its own dot is not followed.
 */
export function findFields(list: ListNode): string[][] {
  const found: string[][] = [];
  visitList(list, true, found);
  return found;
}

function visitList(list: ListNode | undefined, atRoot: boolean, found: string[][]): void {
  for (const node of list?.nodes ?? []) {
    if (!('pipe' in node) || !node.pipe) continue;
    visitPipe(node.pipe, atRoot, found);
    if (node.type === 'template' || node.type === 'action') continue;
    visitList(node.list, atRoot && node.type === 'if', found);
    visitList(node.otherwise, atRoot, found);
  }
}

function visitPipe(pipe: PipeNode, atRoot: boolean, found: string[][]): void {
  for (const command of pipe.commands) visitCommand(command, atRoot, found);
}

function visitCommand({ args }: CommandNode, atRoot: boolean, found: string[][]): void {
  const [first, subject, ...keys] = args;
  const isIndex = first?.type === 'identifier' && first.name === 'index';
  const path = isIndex && subject ? fieldOf(subject, atRoot) : undefined;
  if (path) {
    const known = keys.findIndex((key) => key.type !== 'string');
    const texts = (known < 0 ? keys : keys.slice(0, known)).map((key) => (key.type === 'string' ? key.text : ''));
    found.push([...path, ...texts]);
  }
  for (const arg of path ? keys : args) visitOperand(arg, atRoot, found);
}

function visitOperand(node: OperandNode, atRoot: boolean, found: string[][]): void {
  const path = fieldOf(node, atRoot);
  if (path) found.push(path);
  else if (node.type === 'pipe') visitPipe(node, atRoot, found);
  else if (node.type === 'chain') visitOperand(node.operand, atRoot, found);
}

function fieldOf(node: OperandNode, atRoot: boolean): string[] | undefined {
  if (node.type === 'field') return atRoot ? node.names : undefined;
  if (node.type === 'variable' && node.names[0] === '$' && node.names.length > 1) return node.names.slice(1);
  return undefined;
}
