import { isObject } from '@flotilla/kernel';
import { setMember } from '../../schema/own-member.js';
import { memberOf, type SchemaNode } from '../../schema/schema-node.js';
import { EMPTY_SET, type FieldSet, fieldSet, LEAF_SET } from './field-set.js';
import { canonicalElement, compareElements, fieldName, type PathElement } from './path-element.js';

const SELF = '.';
const MAX_DEPTH = 256;

/**
 * Reads FieldsV1. When the schema says that a place is atomic now, paths below it (written when it was granular) become the place itself.
 * Throws SyntaxError on what is not FieldsV1.
 */
export function decodeFieldsV1(fields: unknown, schema: SchemaNode | undefined, depth = 0): FieldSet {
  if (!isObject(fields) || depth > MAX_DEPTH) throw new SyntaxError('fieldsV1 is no object of path elements');
  let isMember = false;
  let children: Map<PathElement, FieldSet> | undefined;
  for (const key in fields) {
    if (key === SELF) {
      isMember = true;
      continue;
    }
    const element = canonicalElement(key);
    children ??= new Map();
    children.set(element, decodeFieldsV1(fields[key], childSchema(schema, element), depth + 1));
  }
  if (!children) return depth === 0 && !isMember ? EMPTY_SET : LEAF_SET;
  if (schema && depth > 0 && isAtomic(schema)) return LEAF_SET;
  return fieldSet(isMember, children);
}

function isAtomic(schema: SchemaNode): boolean {
  if (schema.kind === 'list') return schema.listType === 'atomic';
  return (schema.kind === 'map' || schema.kind === 'struct') && schema.mapType === 'atomic';
}

function childSchema(schema: SchemaNode | undefined, element: PathElement): SchemaNode | undefined {
  if (!schema) return undefined;
  const name = fieldName(element);
  return name === undefined ? (schema.kind === 'list' ? schema.item : undefined) : memberOf(schema, name);
}

/** Writes FieldsV1 with the keys in the real server's order. */
export function encodeFieldsV1(set: FieldSet): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  if (set.isMember && set.children.size > 0) fields[SELF] = {};
  const elements = [...set.children.keys()];
  if (elements.length > 1) elements.sort(compareElements);
  for (const element of elements) setMember(fields, element, encodeFieldsV1(set.children.get(element)!));
  return fields;
}
