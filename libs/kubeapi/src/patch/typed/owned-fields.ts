import { isObject } from '@flotilla/kernel';
import { memberOf, type SchemaNode } from '../../schema/schema-node.js';
import { EMPTY_SET, type FieldSet, fieldSet, LEAF_SET } from '../fields/field-set.js';
import { describePath, fieldElement, type PathElement } from '../fields/path-element.js';
import { elementOf, elementsOf, ListElementError } from './list-element.js';
import { shapeOf } from './shape.js';
import { typeErrorOf } from './type-error.js';

const MAX_DEPTH = 256;

/**
 * The fields a configuration speaks of: its leaves, every list item, the keys of free maps, explicit nulls and empty objects, not the
 * structs on the way. With `errors` the value is checked against its schema as the real server checks an applied configuration.
 * (structured-merge-diff v6, typed/tofieldset.go and typed/validate.go)
 */
export function fieldSetOf(schema: SchemaNode, value: unknown, errors?: string[]): FieldSet {
  return new OwnedFields(errors).of(schema, value);
}

class OwnedFields {
  readonly #errors: string[] | undefined;
  readonly #path: PathElement[] = [];

  constructor(errors: string[] | undefined) {
    this.#errors = errors;
  }

  of(node: SchemaNode, value: unknown): FieldSet {
    if (this.#path.length > MAX_DEPTH) {
      this.#report('is nested too deeply');
      return LEAF_SET;
    }
    if (this.#errors) {
      const problem = typeErrorOf(node, value);
      if (problem) {
        this.#report(problem);
        return LEAF_SET;
      }
    }
    switch (shapeOf(node, value)) {
      case 'leaf':
        if (this.#errors) this.#checkInside(node, value);
        return LEAF_SET;
      case 'list':
        return Array.isArray(value) ? this.#list(node, value) : EMPTY_SET;
      default:
        return isObject(value) ? this.#object(node, value) : EMPTY_SET;
    }
  }

  #report(problem: string): void {
    this.#errors?.push(`${describePath(this.#path)}${this.#path.length > 0 ? ': ' : ''}${problem}`);
  }

  #object(node: SchemaNode, value: Record<string, unknown>): FieldSet {
    const children = new Map<PathElement, FieldSet>();
    for (const name in value) {
      const inner = value[name];
      if (inner === undefined) continue;
      const member = memberOf(node, name);
      const element = fieldElement(name);
      this.#path.push(element);
      if (member) {
        const set = this.of(member, inner);
        const isMember = set.isMember || inner === null || !node.fields.has(name) || isEmptyObject(inner);
        if (isMember || set.children.size > 0) children.set(element, set.withMember(isMember));
      } else {
        this.#report('field not declared in schema');
      }
      this.#path.pop();
    }
    return fieldSet(false, children);
  }

  #list(node: SchemaNode, items: readonly unknown[]): FieldSet {
    const children = new Map<PathElement, FieldSet>();
    const elements = this.#errors ? this.#checkedElements(node, items) : elementsOf(node, items);
    for (let i = 0; i < items.length; i++) {
      const element = elements[i];
      if (element === undefined) continue;
      if (children.has(element)) {
        // Items that share a key are owned as one.
        children.set(element, LEAF_SET);
        continue;
      }
      this.#path.push(element);
      children.set(element, this.of(node.item!, items[i]).withMember(true));
      this.#path.pop();
    }
    return fieldSet(false, children);
  }

  #checkedElements(node: SchemaNode, items: readonly unknown[]): (PathElement | undefined)[] {
    const seen = new Set<PathElement>();
    return items.map((item, i) => {
      try {
        const element = elementOf(node, item);
        if (seen.has(element)) this.#report(`duplicate entries for key ${describePath([element])}`);
        seen.add(element);
        return element;
      } catch (error) {
        if (!(error instanceof ListElementError)) throw error;
        this.#report(`element ${i}: ${error.message}`);
        return undefined;
      }
    });
  }

  /** What lies in an atomic list or object is owned as one, but must still fit its schema. */
  #checkInside(node: SchemaNode, value: unknown): void {
    if (node.kind === 'scalar' || node.kind === 'any' || value === null) return;
    if (Array.isArray(value)) {
      value.forEach((item, i) => {
        this.#path.push(`i:${i}`);
        this.of(node.item!, item);
        this.#path.pop();
      });
    } else if (isObject(value)) {
      this.#object(node, value);
    }
  }
}

function isEmptyObject(value: unknown): boolean {
  if (!isObject(value)) return false;
  for (const _name in value) return false;
  return true;
}
