import { isObject } from '@flotilla/kernel';
import { ownMember, setMember } from '../../schema/own-member.js';
import { memberOf, type SchemaNode } from '../../schema/schema-node.js';
import { EMPTY_SET, type FieldSet, fieldSet } from '../fields/field-set.js';
import { fieldName, type PathElement } from '../fields/path-element.js';
import { elementsOf } from './list-element.js';
import { fieldSetOf } from './owned-fields.js';
import { canBeNull, removeFields, withNamedFields } from './remove-fields.js';
import { shapeOf } from './shape.js';

/** The sets that decide about one place: what the manager had, what it has now, and what each of the others has. */
interface Claims {
  last: FieldSet;
  owned: FieldSet;
  others: readonly FieldSet[];
}

function claimsOn(claims: Claims, element: PathElement): Claims {
  return { last: claims.last.child(element), owned: claims.owned.child(element), others: claims.others.map((set) => set.child(element)) };
}

function only({ last, owned, others }: Claims, element: PathElement): Claims {
  const restrict = (set: FieldSet) => {
    const child = set.children.get(element);
    return child ? fieldSet(false, new Map([[element, child]])) : EMPTY_SET;
  };
  return { last: restrict(last), owned: restrict(owned), others: others.map(restrict) };
}

/**
 * Removes what a manager applied last time, does not apply now, and nobody else owns. Places that the manager goes on to own are only
 * walked through, so that dropping one field of a large object costs little. (structured-merge-diff v6, merge/update.go `prune`)
 */
export function pruneDropped(schema: SchemaNode, merged: unknown, claims: Claims): unknown {
  const dropped = claims.last.difference(claims.owned);
  if (dropped.children.size === 0) return merged;
  const shape = shapeOf(schema, merged);
  if (shape === 'object' && isObject(merged)) return pruneMembers(schema, merged, claims, dropped);
  if (shape === 'list' && Array.isArray(merged)) return pruneItems(schema, merged, claims, dropped);
  return pruneWhole(schema, merged, claims);
}

function pruneMembers(schema: SchemaNode, merged: Record<string, unknown>, claims: Claims, dropped: FieldSet): unknown {
  const kept = { ...merged };
  for (const element of dropped.children.keys()) {
    const name = fieldName(element);
    const value = name === undefined ? undefined : ownMember(merged, name);
    const member = name === undefined ? undefined : memberOf(schema, name);
    if (name === undefined || value === undefined || !member) continue;
    const stillOwned = claims.owned.child(element);
    const isKept = schema.fields.has(name) ? !stillOwned.isEmpty : stillOwned.isMember;
    const left = isKept
      ? pruneDropped(member, value, claimsOn(claims, element))
      : ownMember((pruneWhole(schema, { [name]: value }, only(claims, element)) ?? {}) as Record<string, unknown>, name);
    if (left === undefined) delete kept[name];
    else setMember(kept, name, left);
  }
  return Object.keys(kept).length === 0 && canBeNull(schema) ? null : kept;
}

function pruneItems(schema: SchemaNode, merged: readonly unknown[], claims: Claims, dropped: FieldSet): unknown {
  const elements = elementsOf(schema, merged);
  if (new Set(elements).size < elements.length) return pruneWhole(schema, merged, claims);
  const kept: unknown[] = [];
  merged.forEach((item, i) => {
    const element = elements[i];
    if (element === undefined || !dropped.children.has(element)) kept.push(item);
    else if (claims.owned.child(element).isMember) kept.push(pruneDropped(schema.item!, item, claimsOn(claims, element)));
    else kept.push(...((pruneWhole(schema, [item], only(claims, element)) ?? []) as unknown[]));
  });
  return kept.length === 0 && canBeNull(schema) ? null : kept;
}

function pruneWhole(schema: SchemaNode, merged: unknown, { last, owned, others }: Claims): unknown {
  const managed = others.reduce((all, set) => all.union(set), owned);
  const lastNamed = withNamedFields(last, schema);
  const everything = withNamedFields(fieldSetOf(schema, merged), schema);
  const without = removeFields(schema, merged, lastNamed);
  const kept = withNamedFields(fieldSetOf(schema, without), schema).union(withNamedFields(managed, schema));
  const withOwned = removeFields(schema, merged, everything.difference(kept));
  const remaining = withNamedFields(fieldSetOf(schema, withOwned), schema);
  // Only what this manager had goes; defaults and fields without an owner that hung below it stay.
  return removeFields(schema, merged, everything.difference(remaining).intersection(lastNamed));
}
