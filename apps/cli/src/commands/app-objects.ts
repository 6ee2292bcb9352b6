import { type CliContext, type OutputOptions, show } from '../context.js';
import { ago, type Column } from '../print.js';

/** One object as the agent compares it; a part without key says that nothing differs. */
export interface ObjectDiff {
  key?: string;
  /** `missing`, `changed`, `prune` and the like. */
  state?: string;
  health?: string;
  differences?: { pointer: string; desired?: unknown; live?: unknown }[];
  /** Why the agent left the object out. */
  omitted?: string;
}

/** One live object; parents are uids. */
export interface TreeNode {
  group: string;
  kind: string;
  namespace: string;
  name: string;
  uid: string;
  parents: readonly string[];
  health?: { status: string; message?: string };
  createdAt?: string;
}

const DIFF_COLUMNS: Column<ObjectDiff>[] = [
  { name: 'OBJECT', value: ({ key }) => key },
  { name: 'CHANGE', value: ({ state, omitted }) => state ?? omitted },
  { name: 'HEALTH', value: ({ health }) => health },
];
const MAX_VALUE_LENGTH = 120;

/** Prints the objects that differ and under each its fields; answers whether there are any. */
export function showDiff(context: CliContext, items: readonly ObjectDiff[], options: OutputOptions): boolean {
  const differing = items.filter(({ key, omitted }) => key !== undefined || omitted !== undefined);
  const isTable = options.output === 'table' || options.output === 'wide';
  if (isTable && differing.length === 0) {
    context.out('live objects are as desired');
    return false;
  }
  show(context, differing, DIFF_COLUMNS, options, ({ key }) => key ?? '');
  if (isTable) {
    for (const { key, differences = [] } of differing) {
      if (differences.length > 0) context.out(`\n${key}`);
      for (const { pointer, desired, live } of differences) context.out(`  ${pointer || '/'}: ${textOf(live)} -> ${textOf(desired)}`);
    }
  }
  return differing.length > 0;
}

function textOf(value: unknown): string {
  const text = value === undefined ? '(none)' : JSON.stringify(value);
  return text.length > MAX_VALUE_LENGTH ? `${text.slice(0, MAX_VALUE_LENGTH)}...` : text;
}

/** Prints live objects with what their controllers made of them below, indented by level. */
export function showTree(context: CliContext, nodes: readonly TreeNode[], options: OutputOptions): void {
  const now = context.clock.now();
  const columns: Column<{ node: TreeNode; level: number }>[] = [
    { name: 'OBJECT', value: ({ node, level }) => `${'. '.repeat(level)}${node.kind}/${node.name}` },
    { name: 'NAMESPACE', value: ({ node }) => node.namespace },
    { name: 'HEALTH', value: ({ node }) => node.health?.status },
    { name: 'AGE', value: ({ node }) => ago(node.createdAt, now) },
    { name: 'MESSAGE', value: ({ node }) => node.health?.message },
    { name: 'GROUP', value: ({ node }) => node.group, wide: true },
    { name: 'UID', value: ({ node }) => node.uid, wide: true },
  ];
  const nameOf = ({ kind, name }: TreeNode): string => `${kind.toLowerCase()}/${name}`;
  if (options.output === 'json' || options.output === 'yaml') show(context, nodes, [], options, nameOf);
  else show(context, byLevel(nodes), columns, options, ({ node }) => nameOf(node));
}

/** Every node once, each below its first parent that is there. */
function byLevel(nodes: readonly TreeNode[]): { node: TreeNode; level: number }[] {
  const known = new Set(nodes.map(({ uid }) => uid));
  const parentOf = (node: TreeNode): string | undefined => node.parents.find((uid) => known.has(uid) && uid !== node.uid);
  const ordered: { node: TreeNode; level: number }[] = [];
  const seen = new Set<string>();
  const add = (node: TreeNode, level: number): void => {
    if (seen.has(node.uid)) return;
    seen.add(node.uid);
    ordered.push({ node, level });
    for (const child of nodes) if (parentOf(child) === node.uid) add(child, level + 1);
  };
  for (const node of nodes) if (parentOf(node) === undefined) add(node, 0);
  for (const node of nodes) add(node, 0);
  return ordered;
}
