import type { ResourceDocument } from '@flotilla/contracts';
import { isObject } from '@flotilla/kernel';
import { matchesSelector } from '@flotilla/selector';
import type { ListOptions } from '../resource-store.js';

/** What a list or a watch is narrowed to. */
export type Selection = Pick<ListOptions, 'namespace' | 'labels' | 'fields'>;

/** Names never change; what rests on anything else can begin or cease to match. */
const FIXED_PATHS = new Set(['metadata.name', 'metadata.namespace', 'metadata.uid']);

export function matchesDocument(selection: Selection, document: ResourceDocument): boolean {
  return matchesFixed(selection, document) && matchesMutable(selection, document);
}

/** The part of a selection that holds for a document's whole life or never. */
export function matchesFixed({ namespace, fields = [] }: Selection, document: ResourceDocument): boolean {
  if (namespace !== undefined && (document.metadata.namespace ?? '') !== namespace) return false;
  return fields.every((field) => !FIXED_PATHS.has(field.path) || meets(field, document));
}

export function hasMutablePart({ labels = [], fields = [] }: Selection): boolean {
  return labels.length > 0 || fields.some(({ path }) => !FIXED_PATHS.has(path));
}

function matchesMutable({ labels = [], fields = [] }: Selection, document: ResourceDocument): boolean {
  if (!matchesSelector(labels, document.metadata.labels)) return false;
  return fields.every((field) => FIXED_PATHS.has(field.path) || meets(field, document));
}

function meets({ path, value, negated = false }: { path: string; value: string; negated?: boolean }, document: ResourceDocument): boolean {
  return (fieldText(document, path) === value) !== negated;
}

/** An absent field reads as empty, as field selectors of Kubernetes have it. */
function fieldText(document: ResourceDocument, path: string): string {
  let value: unknown = document;
  for (const key of path.split('.')) value = isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
