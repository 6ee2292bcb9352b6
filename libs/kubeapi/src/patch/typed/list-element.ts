import { isObject } from '@flotilla/kernel';
import { ownMember } from '../../schema/own-member.js';
import type { SchemaNode } from '../../schema/schema-node.js';
import { keyElement, type PathElement, valueElement } from '../fields/path-element.js';

/** An item that has no identity in its list: the words say why, as the real server puts it. */
export class ListElementError extends Error {}

/**
 * What identifies an item of a `set` or `map` list. Missing key members count with their default (a port's protocol), else they are left
 * out of the key.
 */
export function elementOf(list: SchemaNode, item: unknown): PathElement {
  if (list.listType === 'map') return keyedElement(list, item);
  if (isObject(item)) throw new ListElementError("associative list without keys has an element that's a map type");
  if (Array.isArray(item)) throw new ListElementError('not supported: associative list with lists as elements');
  if (item === null || item === undefined)
    throw new ListElementError("associative list without keys has an element that's an explicit null");
  return valueElement(item);
}

function keyedElement(list: SchemaNode, item: unknown): PathElement {
  if (item === null) throw new ListElementError('associative list with keys may not have a null element');
  if (!isObject(item)) throw new ListElementError('associative list with keys may not have non-map elements');
  const { listKeys } = list;
  const values: unknown[] = [];
  let isKeyed = false;
  for (const name of listKeys) {
    const value = ownMember(item, name) ?? list.item?.fields.get(name)?.default;
    values.push(value);
    if (value !== undefined) isKeyed = true;
  }
  if (!isKeyed) {
    const names = listKeys.map((name) => JSON.stringify(name)).join(' ');
    throw new ListElementError(
      `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
    );
  }
  return keyElement(listKeys, values);
}

/** The elements of a list in order; items without identity give undefined, so that broken stored lists can still be walked. */
export function elementsOf(list: SchemaNode, items: readonly unknown[]): (PathElement | undefined)[] {
  return items.map((item) => {
    try {
      return elementOf(list, item);
    } catch (error) {
      if (error instanceof ListElementError) return undefined;
      throw error;
    }
  });
}
