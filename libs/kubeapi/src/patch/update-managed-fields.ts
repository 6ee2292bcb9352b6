import type { SchemaNode } from '../schema/schema-node.js';
import type { KubeObject, ManagedFieldsEntry } from '../storage.js';
import { dropAbsent } from './drop-absent.js';
import { type ManagerId, Managers } from './managed-fields.js';
import { NEVER_OWNED, resetFieldsOf } from './never-owned.js';
import { keepTimes, withoutManagedFields } from './stored-object.js';
import { compareTyped } from './typed/compare-typed.js';

export interface UpdateManagedFieldsRequest {
  /** The stored object; undefined on create. */
  before: KubeObject | undefined;
  /** What is to be stored, decoded and defaulted; its managedFields are what the client sent. */
  after: KubeObject;
  /** The field manager's name: `fieldManager` of the request, else the user agent up to its first slash. */
  manager: string;
  schema: SchemaNode;
  subresource?: string;
  /** RFC 3339 in whole seconds, for the entry's time. */
  now: string;
}

/** `[]` or `[{}]` from a client is the agreed way to clear everything. */
function isReset(entries: readonly ManagedFieldsEntry[] | null | undefined): boolean {
  if (!entries) return false;
  return entries.length === 0 || (entries.length === 1 && Object.keys(entries[0]!).length === 0);
}

function readOrNothing(entries: readonly ManagedFieldsEntry[] | null | undefined, schema: SchemaNode): Managers {
  try {
    const managers = Managers.read(entries, schema);
    // Sets are decoded late; what cannot be read must show now.
    managers.decodeAll();
    return managers;
  } catch {
    return Managers.read([], schema);
  }
}

/** Clients may edit managedFields; one that sends none, or rubbish, keeps those of the stored object. */
function currentManagers({ before, after, schema, subresource }: UpdateManagedFieldsRequest): Managers {
  const stored = before?.metadata.managedFields;
  if (subresource !== undefined) return readOrNothing(stored, schema);
  const sent = after.metadata.managedFields;
  if (isReset(sent)) return Managers.read([], schema);
  const managers = readOrNothing(sent, schema);
  return managers.isEmpty ? readOrNothing(stored, schema) : managers;
}

/**
 * Field ownership after a create, update or patch: the manager gets what it added or changed (operation Update), everybody loses what
 * was changed or removed. Gives `after` with its managedFields; when only times would move, the times of `before`. Fields that the
 * server resets on this door (`status` on the object, `spec` on its status) change no ownership.
 * Semantics: apimachinery v0.36 (`pkg/util/managedfields`).
 */
export function updateManagedFields(request: UpdateManagedFieldsRequest): KubeObject {
  const { before, after, manager, schema, subresource, now } = request;
  const managers = currentManagers(request);
  const next = withoutManagedFields(after);
  // Ownership is tracked from the start or from the first apply, never from somewhere between.
  if (before && managers.isEmpty) return next as KubeObject;
  const { apiVersion, kind } = after;
  const resets = resetFieldsOf(apiVersion, kind, schema, subresource);
  const held = (object: KubeObject) => dropAbsent(withoutManagedFields(object), schema);
  const changes = compareTyped(schema, before ? held(before) : {}, held(after));
  const changed = changes.added.union(changes.modified).recursiveDifference(resets);
  const lost = changed.union(changes.removed.recursiveDifference(resets));
  const id: ManagerId = { manager: manager || 'unknown', operation: 'Update', apiVersion, ...(subresource ? { subresource } : {}) };
  for (const other of [...managers.others(id), { id, fields: managers.fieldsOf(id) }]) {
    if (other.fields && !lost.isEmpty) managers.set(other.id, other.fields.difference(lost));
  }
  managers.dropEmpty();
  const gained = changed.difference(NEVER_OWNED);
  if (!gained.isEmpty) {
    managers.set(id, gained.union(managers.fieldsOf(id) ?? gained));
    managers.stamp(id, now);
  }
  managers.cap();
  const managedFields = managers.entries();
  if (managedFields.length === 0) return next as KubeObject;
  const object = { ...next, metadata: { ...(next.metadata as KubeObject['metadata']), managedFields } } as KubeObject;
  return before ? keepTimes(before, object) : object;
}
