import { isObject } from '@flotilla/kernel';
import { setMember } from '../../schema/own-member.js';
import { memberOf, type SchemaNode } from '../../schema/schema-node.js';
import { EMPTY_SET, type FieldSet, fieldSet } from '../fields/field-set.js';
import { fieldElement, fieldName, type PathElement } from '../fields/path-element.js';
import { elementsOf } from './list-element.js';
import { shapeOf } from './shape.js';

/**
 * The value without the list items, map keys and fields of a set. An object or list that loses everything becomes null, as in
 * structured-merge-diff v6, typed/remove.go; where a custom resource's schema has no null it stays, empty (the real server answers such an
 * apply with 422). The input is never changed.
 */
export function removeFields(schema: SchemaNode, value: unknown, fields: FieldSet): unknown {
  if (fields.children.size === 0) return value;
  const shape = shapeOf(schema, value);
  if (shape === 'list' && Array.isArray(value)) return removeItems(schema, value, fields);
  if (shape === 'object' && isObject(value)) return removeMembers(schema, value, fields);
  return shape === 'leaf' && (schema.kind === 'scalar' || schema.kind === 'any') ? value : null;
}

export function canBeNull(schema: SchemaNode): boolean {
  return schema.native || schema.nullable;
}

function removeItems(schema: SchemaNode, items: readonly unknown[], fields: FieldSet): unknown {
  const elements = elementsOf(schema, items);
  const kept: unknown[] = [];
  items.forEach((item, i) => {
    const set = elements[i] === undefined ? EMPTY_SET : fields.child(elements[i]);
    if (!set.isMember) kept.push(removeFields(schema.item!, item, set));
  });
  return kept.length > 0 || !canBeNull(schema) ? kept : null;
}

function removeMembers(schema: SchemaNode, object: Record<string, unknown>, fields: FieldSet): unknown {
  const kept: Record<string, unknown> = {};
  let isEmpty = true;
  for (const name in object) {
    const set = fields.child(fieldElement(name));
    if (set.isMember) continue;
    const member = memberOf(schema, name);
    setMember(kept, name, member ? removeFields(member, object[name], set) : object[name]);
    isEmpty = false;
  }
  return isEmpty && canBeNull(schema) ? null : kept;
}

/** Adds the declared struct fields on the way to the set's members, so that removing the members takes emptied structs along. */
export function withNamedFields(set: FieldSet, schema: SchemaNode | undefined): FieldSet {
  if (set.children.size === 0) return set;
  let children: Map<PathElement, FieldSet> | undefined;
  for (const [element, child] of set.children) {
    const name = fieldName(element);
    const isNamed = name !== undefined && schema?.kind === 'struct' && schema.fields.has(name);
    const below = name === undefined ? schema?.item : schema && memberOf(schema, name);
    let named = withNamedFields(child, below);
    if (isNamed && child.children.size > 0) named = named.withMember(true);
    if (named === child) continue;
    children ??= new Map(set.children);
    children.set(element, named);
  }
  return children ? fieldSet(set.isMember, children) : set;
}
