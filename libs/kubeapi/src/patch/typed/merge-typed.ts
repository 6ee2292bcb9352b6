import { isObject, jsonEqual } from '@flotilla/kernel';
import { ownMember, setMember } from '../../schema/own-member.js';
import { memberOf, type SchemaNode } from '../../schema/schema-node.js';
import type { PathElement } from '../fields/path-element.js';
import { elementsOf } from './list-element.js';
import { hasMembers, itemsOf, shapeOf } from './shape.js';

/**
 * Lays an applied configuration over the live value: scalars and atomic values are replaced, objects merged member by member, `set` and
 * `map` lists item by item. Nothing is removed. Whatever stays as it is stays the same reference, so that `merged === live` says that the
 * configuration changes nothing. (structured-merge-diff v6, typed/merge.go)
 */
export function mergeTyped(schema: SchemaNode, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live;
  if (live === undefined) return applied;
  switch (shapeOf(schema, applied === null ? live : applied)) {
    case 'object':
      return mergeObjects(schema, live, applied);
    case 'list':
      return mergeLists(schema, live, applied);
    default:
      return jsonEqual(live, applied) ? live : applied;
  }
}

function mergeObjects(schema: SchemaNode, live: unknown, applied: unknown): unknown {
  // Null says nothing about an object that has members.
  if (applied === null) return isObject(live) && hasMembers(live) ? live : null;
  if (!isObject(live) || !isObject(applied)) return applied;
  let merged = live;
  for (const name in applied) {
    const member = memberOf(schema, name);
    if (!member) continue;
    const before = ownMember(live, name);
    const after = mergeTyped(member, before, applied[name]);
    if (after === before) continue;
    if (merged === live) merged = { ...live };
    setMember(merged, name, after);
  }
  return merged;
}

function mergeLists(schema: SchemaNode, live: unknown, applied: unknown): unknown {
  const [left, right] = [itemsOf(live), itemsOf(applied)];
  if (applied === null && left.length > 0) return live;
  if (left.length === 0) return jsonEqual(live, applied) ? live : applied;
  if (right.length === 0) return live;
  const merged = new ListMerge(schema, left, right).run();
  return merged.length === left.length && merged.every((item, i) => item === left[i]) ? live : merged;
}

/** Puts two lists in one order: what both have follows the applied order, what only the live list has keeps its place between. */
class ListMerge {
  readonly #item: SchemaNode;
  readonly #left: readonly unknown[];
  readonly #right: readonly unknown[];
  readonly #leftElements: readonly (PathElement | undefined)[];
  readonly #rightElements: readonly (PathElement | undefined)[];
  /** Live items by element; null for those that occur more than once, which are replaced, not merged. */
  readonly #leftByElement = new Map<PathElement | undefined, unknown>();
  readonly #rightByElement = new Map<PathElement | undefined, unknown>();
  readonly #merged = new Set<PathElement | undefined>();
  readonly #shared: (PathElement | undefined)[];
  readonly #out: unknown[] = [];
  #nextShared = 0;

  constructor(schema: SchemaNode, left: readonly unknown[], right: readonly unknown[]) {
    this.#item = schema.item!;
    this.#left = left;
    this.#right = right;
    this.#leftElements = elementsOf(schema, left);
    this.#rightElements = elementsOf(schema, right);
    this.#leftElements.forEach((element, i) => {
      this.#leftByElement.set(element, this.#leftByElement.has(element) ? undefined : left[i]);
    });
    this.#rightElements.forEach((element, i) => {
      this.#rightByElement.set(element, right[i]);
    });
    this.#shared = this.#rightElements.filter((element) => this.#leftByElement.has(element));
  }

  run(): unknown[] {
    let l = 0;
    let r = 0;
    while (l < this.#left.length || r < this.#right.length) {
      const isLeft = l < this.#left.length;
      const isRight = r < this.#right.length;
      const element = this.#leftElements[l];
      if (isLeft && isRight) {
        if (element === this.#rightElements[r]) {
          this.#take(element);
          this.#nextShared++;
          l++;
          r++;
          continue;
        }
        const isSharedLater = this.#nextShared < this.#shared.length && this.#shared[this.#nextShared] !== element;
        if (this.#rightByElement.has(element) && isSharedLater) {
          l++;
          continue;
        }
      }
      if (isLeft) {
        if (!this.#rightByElement.has(element)) {
          this.#out.push(this.#left[l]);
          l++;
          continue;
        }
        if (this.#merged.has(element)) l++;
      }
      if (r < this.#right.length) {
        const next = this.#rightElements[r];
        this.#take(next);
        if (this.#nextShared < this.#shared.length && this.#shared[this.#nextShared] === next) this.#nextShared++;
        r++;
      }
    }
    return this.#out;
  }

  #take(element: PathElement | undefined): void {
    this.#merged.add(element);
    this.#out.push(mergeTyped(this.#item, this.#leftByElement.get(element), this.#rightByElement.get(element)));
  }
}
