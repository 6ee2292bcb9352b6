import { isObject } from '@flotilla/kernel';
import { type CompiledText, compileText, fillText, tagsOf } from './compile-text.js';
import { TextBudget } from './text-budget.js';

/** A JSON value whose texts, map keys too, are templates: compiled once, filled in per parameter set. */
export interface JsonFiller {
  /** Whether any text holds a tag; without one `fill` gives the same value for every lookup. */
  hasTags: boolean;
  /** A copy with every tag that `lookup` knows filled in; others stay. @throws TemplateLimitError */
  fill(lookup: (name: string) => unknown): unknown;
}

type Node = { text: CompiledText } | { items: Node[] } | { members: [CompiledText, Node][] } | { constant: unknown };

/**
 * For generators whose own fields refer to parameters of an earlier one.
 * @throws TemplateError
 */
export function compileFiller(value: unknown): JsonFiller {
  const node = compile(value);
  const hasTags = !('constant' in node);
  return { hasTags, fill: (lookup) => (hasTags ? fill(node, lookup, new TextBudget()) : value) };
}

function compile(value: unknown): Node {
  if (typeof value === 'string') {
    const text = compileText(value);
    return tagsOf(text).length > 0 ? { text } : { constant: value };
  }
  if (Array.isArray(value)) {
    const items = value.map(compile);
    return items.some((item) => !('constant' in item)) ? { items } : { constant: value };
  }
  if (!isObject(value)) return { constant: value };
  const members = Object.entries(value).map(([key, member]): [CompiledText, Node] => [compileText(key), compile(member)]);
  const dynamic = members.some(([key, member]) => tagsOf(key).length > 0 || !('constant' in member));
  return dynamic ? { members } : { constant: value };
}

function fill(node: Node, lookup: (name: string) => unknown, budget: TextBudget): unknown {
  if ('constant' in node) return node.constant;
  if ('text' in node) return fillText(node.text, lookup, budget);
  if ('items' in node) return node.items.map((item) => fill(item, lookup, budget));
  return Object.fromEntries(node.members.map(([key, member]) => [fillText(key, lookup, budget), fill(member, lookup, budget)]));
}
