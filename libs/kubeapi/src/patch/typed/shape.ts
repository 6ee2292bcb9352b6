import { isObject } from '@flotilla/kernel';
import type { SchemaNode } from '../../schema/schema-node.js';

/** How a value at a place is owned and merged: as one leaf, member by member, or item by item. */
export type Shape = 'leaf' | 'object' | 'list';

export function shapeOf(node: SchemaNode, value: unknown): Shape {
  switch (node.kind) {
    case 'scalar':
      return 'leaf';
    case 'list':
      return node.listType === 'atomic' ? 'leaf' : 'list';
    case 'any':
      return node.mapType === 'granular' && isObject(value) ? 'object' : 'leaf';
    default:
      return node.mapType === 'atomic' ? 'leaf' : 'object';
  }
}

type Members = Readonly<Record<string, unknown>>;

export const NO_MEMBERS: Members = Object.freeze({});
export const NO_ITEMS: readonly unknown[] = Object.freeze([]);

export function membersOf(value: unknown): Members {
  return isObject(value) ? value : NO_MEMBERS;
}

export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : NO_ITEMS;
}

export function hasMembers(object: Members): boolean {
  for (const _name in object) return true;
  return false;
}
