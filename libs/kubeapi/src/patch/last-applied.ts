import { isObject } from '@flotilla/kernel';
import type { SchemaNode } from '../schema/schema-node.js';
import type { KubeObject } from '../storage.js';
import { EMPTY_SET, type FieldSet } from './fields/field-set.js';
import { compareTyped } from './typed/compare-typed.js';
import { fieldSetOf } from './typed/owned-fields.js';

export const LAST_APPLIED_ANNOTATION = 'kubectl.kubernetes.io/last-applied-configuration';

/** Only this manager takes over from, and keeps up, the annotation of `kubectl apply` without --server-side. */
export const LAST_APPLIED_MANAGER = 'kubectl';

/** All annotations of an object together may not be larger. */
const MAX_ANNOTATION_BYTES = 256 * 1024;

/**
 * Fields that the client-side apply annotation claims and that still hold its values: a server-side apply by `kubectl` may take them
 * without force. (managedfields/internal/lastappliedmanager.go)
 */
export function claimedByLastApplied(live: KubeObject, schema: SchemaNode): FieldSet {
  const text = live.metadata.annotations?.[LAST_APPLIED_ANNOTATION];
  if (!text) return EMPTY_SET;
  let last: unknown;
  try {
    last = JSON.parse(text);
  } catch {
    return EMPTY_SET;
  }
  if (!isObject(last) || last.apiVersion !== live.apiVersion) return EMPTY_SET;
  const errors: string[] = [];
  const claimed = fieldSetOf(schema, last, errors);
  if (errors.length > 0) return EMPTY_SET;
  const { added, modified, removed } = compareTyped(schema, last, live);
  return claimed.difference(modified).difference(added).difference(removed);
}

/** The object with the annotation brought up to what was applied now, when it has one. */
export function refreshLastApplied(object: KubeObject, applied: KubeObject): KubeObject {
  const { annotations } = object.metadata;
  if (!annotations?.[LAST_APPLIED_ANNOTATION]) return object;
  const { [LAST_APPLIED_ANNOTATION]: _last, ...appliedAnnotations } = applied.metadata.annotations ?? {};
  const hasAnnotations = applied.metadata.annotations !== undefined;
  const metadata = hasAnnotations ? { ...applied.metadata, annotations: appliedAnnotations } : applied.metadata;
  const text = `${JSON.stringify(sorted({ ...applied, metadata }))}\n`;
  if (annotations[LAST_APPLIED_ANNOTATION] === text) return object;
  const next: Record<string, string> = { ...annotations, [LAST_APPLIED_ANNOTATION]: text };
  const size = Object.entries(next).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  if (size > MAX_ANNOTATION_BYTES) delete next[LAST_APPLIED_ANNOTATION];
  return { ...object, metadata: { ...object.metadata, annotations: next } };
}

/** The annotation is compared as text, so its keys have one order. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sorted(value[key])]),
  );
}
