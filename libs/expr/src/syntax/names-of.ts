import type { Node } from './nodes.js';

/** Every variable a node reads, with the members behind it that are written as names. */
export function namesOf(root: Node): Set<string> {
  const names = new Set<string>();
  visit(root, names);
  return names;
}

function visit(node: Node, names: Set<string>): void {
  const path = pathOf(node);
  if (path !== undefined) {
    names.add(path);
    return;
  }
  for (const child of childrenOf(node)) visit(child, names);
}

function pathOf(node: Node): string | undefined {
  if (node.type === 'name') return node.name;
  if (node.type === 'chain') return pathOf(node.inner);
  if (node.type !== 'member' || node.key.type !== 'literal') return undefined;
  const object = pathOf(node.object);
  return object === undefined ? undefined : `${object}.${String(node.key.value)}`;
}

function childrenOf(node: Node): readonly Node[] {
  switch (node.type) {
    case 'unary':
      return [node.operand];
    case 'binary':
    case 'logic':
      return [node.left, node.right];
    case 'choice':
      return [node.condition, node.yes, node.no];
    case 'member':
      return [node.object, node.key];
    case 'slice':
      return [node.object, ...[node.from, node.to].filter((part) => part !== undefined)];
    case 'chain':
      return [node.inner];
    case 'call':
      return [node.callee, ...node.args];
    case 'builtin':
      return node.args;
    case 'predicate':
      return [node.body];
    case 'array':
      return node.items;
    case 'map':
      return node.entries.flat();
    case 'let':
      return [node.value, node.body];
    case 'sequence':
      return node.steps;
    default:
      return [];
  }
}
