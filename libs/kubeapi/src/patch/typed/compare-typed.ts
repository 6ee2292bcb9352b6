import { isObject, jsonEqual } from '@flotilla/kernel';
import { memberOf, NO_ZERO_VALUES, type SchemaNode } from '../../schema/schema-node.js';
import { EMPTY_SET, type FieldSet, FieldSetBuilder } from '../fields/field-set.js';
import { fieldElement, type PathElement } from '../fields/path-element.js';
import { elementsOf } from './list-element.js';
import { hasMembers, itemsOf, membersOf, shapeOf } from './shape.js';

/** What changed between two values; no path is in more than one of the sets. */
export interface Comparison {
  added: FieldSet;
  modified: FieldSet;
  removed: FieldSet;
}

export const NO_CHANGES: Comparison = { added: EMPTY_SET, modified: EMPTY_SET, removed: EMPTY_SET };

/** Compares two values of one schema leaf by leaf. (structured-merge-diff v6, typed/compare.go) */
export function compareTyped(schema: SchemaNode, before: unknown, after: unknown): Comparison {
  if (before === after) return NO_CHANGES;
  const walk = new CompareWalk();
  walk.compare(schema, before, after);
  return walk.result();
}

class CompareWalk {
  readonly #path: PathElement[] = [];
  readonly #added = new FieldSetBuilder();
  readonly #modified = new FieldSetBuilder();
  readonly #removed = new FieldSetBuilder();

  result(): Comparison {
    return { added: this.#added.build(), modified: this.#modified.build(), removed: this.#removed.build() };
  }

  compare(node: SchemaNode, before: unknown, after: unknown): void {
    if (before === after) return;
    const shapeBefore = before === undefined || before === null ? undefined : shapeOf(node, before);
    const shapeAfter = after === undefined || after === null ? shapeBefore : shapeOf(node, after);
    if (shapeBefore !== undefined && shapeAfter !== shapeBefore) {
      // A deduced value changed its sort: a leaf on one side, members on the other.
      this.#modified.insert(this.#path);
      this.#members(node, before, after);
      return;
    }
    const shape = shapeAfter ?? shapeOf(node, after);
    if (shape === 'leaf') this.#leaf(before, after);
    else if (shape === 'list') this.#list(node, before, after);
    else this.#object(node, before, after);
  }

  #leaf(before: unknown, after: unknown): void {
    if (before === undefined) this.#added.insert(this.#path);
    else if (after === undefined) this.#removed.insert(this.#path);
    else if (!jsonEqual(before, after)) this.#modified.insert(this.#path);
  }

  /** A container that appeared or went counts itself, besides what is in it. */
  #container(before: unknown, after: unknown): void {
    if (before === undefined) this.#added.insert(this.#path);
    else if (after === undefined) this.#removed.insert(this.#path);
  }

  #object(node: SchemaNode, before: unknown, after: unknown): void {
    const [isThere, isThereNow] = [isObject(before), isObject(after)];
    const isWhole = node.zeroValues.size > 0 && isThere !== isThereNow;
    if (!isWhole && !hasMembers(membersOf(before)) && !hasMembers(membersOf(after))) {
      this.#leaf(before, after);
      return;
    }
    this.#members(node, before, after);
    this.#container(before, after);
  }

  #members(node: SchemaNode, before: unknown, after: unknown): void {
    const [old, now] = [membersOf(before), membersOf(after)];
    // A struct that is there holds its zero values, also where the JSON leaves them out.
    const oldZeros = isObject(before) ? node.zeroValues : NO_ZERO_VALUES;
    const newZeros = isObject(after) ? node.zeroValues : NO_ZERO_VALUES;
    for (const name in old) this.#member(node, name, old[name], Object.hasOwn(now, name) ? now[name] : newZeros.get(name));
    for (const name in now) {
      if (!Object.hasOwn(old, name)) this.#member(node, name, oldZeros.get(name), now[name]);
    }
    if (oldZeros.size === newZeros.size) return;
    for (const name of node.zeroValues.keys()) {
      if (!Object.hasOwn(old, name) && !Object.hasOwn(now, name)) this.#member(node, name, oldZeros.get(name), newZeros.get(name));
    }
  }

  #member(node: SchemaNode, name: string, before: unknown, after: unknown): void {
    const member = memberOf(node, name);
    if (!member || before === after) return;
    this.#path.push(fieldElement(name));
    this.compare(member, before, after);
    this.#path.pop();
  }

  #list(node: SchemaNode, before: unknown, after: unknown): void {
    const [old, now] = [itemsOf(before), itemsOf(after)];
    if (old.length === 0 && now.length === 0) {
      this.#leaf(before, after);
      return;
    }
    const oldItems = groupByElement(node, old);
    const newItems = groupByElement(node, now);
    for (const [element, items] of oldItems) this.#item(node, element, items, newItems.get(element) ?? []);
    for (const [element, items] of newItems) if (!oldItems.has(element)) this.#item(node, element, [], items);
    this.#container(before, after);
  }

  #item(node: SchemaNode, element: PathElement, before: readonly unknown[], after: readonly unknown[]): void {
    this.#path.push(element);
    if (before.length <= 1 && after.length <= 1) {
      this.compare(node.item!, before[0], after[0]);
    } else if (before.length >= 2 && after.length >= 2) {
      if (!jsonEqual(before, after)) this.#modified.insert(this.#path);
    } else if (before.length >= 2) {
      if (after.length > 0) this.compare(node.item!, undefined, after[0]);
      this.#removed.insert(this.#path);
    } else {
      if (before.length > 0) this.compare(node.item!, before[0], undefined);
      this.#added.insert(this.#path);
    }
    this.#path.pop();
  }
}

function groupByElement(node: SchemaNode, items: readonly unknown[]): Map<PathElement, unknown[]> {
  const groups = new Map<PathElement, unknown[]>();
  elementsOf(node, items).forEach((element, i) => {
    if (element === undefined) return;
    const group = groups.get(element);
    if (group) group.push(items[i]);
    else groups.set(element, [items[i]]);
  });
  return groups;
}
