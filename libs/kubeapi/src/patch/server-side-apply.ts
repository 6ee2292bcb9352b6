import { InvalidInputError, isObject, jsonEqual } from '@flotilla/kernel';
import type { SchemaNode } from '../schema/schema-node.js';
import type { KubeObject, ManagedFieldsEntry } from '../storage.js';
import type { ApplyConflict } from './conflicts.js';
import { dropAbsent } from './drop-absent.js';
import { EMPTY_SET, type FieldSet } from './fields/field-set.js';
import { describePath, type PathElement } from './fields/path-element.js';
import { claimedByLastApplied, LAST_APPLIED_MANAGER, refreshLastApplied } from './last-applied.js';
import { type ManagerId, Managers } from './managed-fields.js';
import { NEVER_OWNED, resetFieldsOf } from './never-owned.js';
import { assertSafeDocument } from './patch-input.js';
import { keepTimes, withoutManagedFields } from './stored-object.js';
import { compareTyped } from './typed/compare-typed.js';
import { mergeTyped } from './typed/merge-typed.js';
import { fieldSetOf } from './typed/owned-fields.js';
import { pruneDropped } from './typed/prune-dropped.js';

export interface ServerSideApplyRequest {
  /** The stored object; undefined when the apply creates it. */
  live: KubeObject | undefined;
  /** What was sent: apiVersion, kind, metadata and the fields its manager has an opinion on. */
  applied: KubeObject;
  /** The field manager's name. */
  manager: string;
  /** Take over fields of others instead of answering conflicts. */
  force?: boolean;
  schema: SchemaNode;
  subresource?: string;
  /** RFC 3339 in whole seconds, for the entry's time. */
  now: string;
}

export interface ServerSideApplyResult {
  /** The object to store; the very `live` that was given when nothing changes. With conflicts it is `live` too. */
  object: KubeObject;
  /** Sorted by manager; empty when the apply went through. */
  conflicts: ApplyConflict[];
}

const BEFORE_FIRST_APPLY = 'before-first-apply';

/** Metadata that an applied configuration never changes on an object that exists. */
const KEPT_METADATA = [
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'generation',
  'selfLink',
  'uid',
  'resourceVersion',
] as const;

class Apply {
  readonly #request: ServerSideApplyRequest;
  readonly #schema: SchemaNode;
  readonly #id: ManagerId;
  readonly #live: Record<string, unknown>;
  readonly #resets: FieldSet;
  readonly #managers: Managers;
  readonly #configured: FieldSet;

  constructor(request: ServerSideApplyRequest) {
    const { applied, live, manager, schema, subresource } = request;
    this.#request = request;
    this.#schema = schema;
    this.#id = {
      manager: manager || 'unknown',
      operation: 'Apply',
      apiVersion: applied.apiVersion,
      ...(subresource ? { subresource } : {}),
    };
    this.#configured = configuredFields(schema, applied);
    this.#live = live ? withoutManagedFields(live) : {};
    this.#resets = resetFieldsOf(applied.apiVersion, applied.kind, schema, subresource);
    this.#managers = Managers.read(live?.metadata.managedFields, schema);
    if (live && this.#managers.isEmpty) this.#ownEverythingBefore(live);
  }

  /** An object nobody tracked: whatever is in it belongs to a manager of that name, so that the apply cannot steal it silently. */
  #ownEverythingBefore(live: KubeObject): void {
    const { added, modified } = compareTyped(this.#schema, {}, this.#live);
    const id: ManagerId = { ...this.#id, manager: BEFORE_FIRST_APPLY, operation: 'Update', apiVersion: live.apiVersion };
    this.#managers.set(id, added.union(modified).recursiveDifference(this.#resets).difference(NEVER_OWNED));
    this.#managers.stamp(id, this.#request.now);
    this.#managers.dropEmpty();
  }

  run(): ServerSideApplyResult {
    const { live, applied, force = false } = this.#request;
    const last = this.#managers.fieldsOf(this.#id) ?? EMPTY_SET;
    const owned = this.#configured.recursiveDifference(this.#resets);
    this.#managers.set(this.#id, owned);
    const merged = mergeTyped(this.#schema, this.#live, applied) as Record<string, unknown>;
    const next = this.#prune(merged, last, owned);
    const conflicts = this.#settle(next, force);
    if (conflicts.length > 0) return { object: live as KubeObject, conflicts };
    this.#managers.set(this.#id, owned.difference(NEVER_OWNED));
    this.#managers.dropEmpty();
    return { object: this.#finish(next), conflicts: [] };
  }

  #prune(merged: Record<string, unknown>, last: FieldSet, owned: FieldSet): Record<string, unknown> {
    // The stored set lacks the never-owned names, so what is left over here was really dropped.
    if (last.difference(owned).isEmpty) return merged;
    const others = this.#managers.others(this.#id).map(({ fields }) => fields);
    return pruneDropped(this.#schema, merged, { last, owned, others }) as Record<string, unknown>;
  }

  /** Takes changed fields from the other managers, or tells whose they are. */
  #settle(next: Record<string, unknown>, force: boolean): ApplyConflict[] {
    if (next === this.#live) return [];
    const { added, modified, removed } = compareTyped(this.#schema, this.#live, next);
    const changed = added.union(modified).recursiveDifference(this.#resets);
    const gone = removed.recursiveDifference(this.#resets);
    const others = this.#managers.others(this.#id).map(({ id, fields }) => ({ id, fields, taken: fields.intersection(changed) }));
    if (!force) {
      const conflicts = others.filter(({ taken }) => !taken.isEmpty).map(({ id, taken }) => ({ id, paths: taken.paths() }));
      const refused = conflicts.length > 0 ? this.#refused(conflicts) : [];
      if (refused.length > 0) return refused;
    }
    for (const { id, fields, taken } of others) this.#managers.set(id, fields.difference(taken).difference(gone));
    return [];
  }

  #refused(conflicts: { id: ManagerId; paths: PathElement[][] }[]): ApplyConflict[] {
    const { live, manager } = this.#request;
    const allowed = live && manager === LAST_APPLIED_MANAGER ? claimedByLastApplied(live, this.#schema) : EMPTY_SET;
    return conflicts
      .map(({ id, paths }) => ({ ...id, fields: paths.filter((path) => !allowed.has(path)).map(describePath) }))
      .filter(({ fields }) => fields.length > 0)
      .sort((a, b) => (a.manager < b.manager ? -1 : a.manager > b.manager ? 1 : 0));
  }

  #finish(next: Record<string, unknown>): KubeObject {
    const { live, applied, manager, now } = this.#request;
    const isChanged = next !== this.#live && !jsonEqual(next, this.#live);
    // The real server leaves the time of an applier alone when the values stay as they are, even on its first apply.
    if (isChanged) this.#managers.stamp(this.#id, now);
    const managedFields = this.#managers.entries();
    if (live && !isChanged && isSameEntries(live.metadata.managedFields ?? [], managedFields)) {
      return manager === LAST_APPLIED_MANAGER ? refreshLastApplied(live, applied) : live;
    }
    const clean = isChanged ? dropAbsent(next, this.#schema) : next;
    const metadata = { ...(isObject(clean.metadata) ? clean.metadata : {}) } as KubeObject['metadata'];
    if (live) for (const name of KEPT_METADATA) keepMetadata(metadata, live.metadata, name);
    if (managedFields.length > 0) metadata.managedFields = managedFields;
    const object = { ...clean, apiVersion: applied.apiVersion, kind: applied.kind, metadata } as KubeObject;
    const refreshed = manager === LAST_APPLIED_MANAGER ? refreshLastApplied(object, applied) : object;
    return live ? keepTimes(live, refreshed) : refreshed;
  }
}

function keepMetadata(metadata: KubeObject['metadata'], live: KubeObject['metadata'], name: (typeof KEPT_METADATA)[number]): void {
  // A uid or resourceVersion in the configuration is a precondition; whoever stores the object checks it.
  const isPrecondition = (name === 'uid' || name === 'resourceVersion') && metadata[name] !== undefined && metadata[name] !== '';
  if (isPrecondition) return;
  if (live[name] === undefined) delete metadata[name];
  else (metadata as Record<string, unknown>)[name] = live[name];
}

function isSameEntries(before: readonly ManagedFieldsEntry[], after: readonly ManagedFieldsEntry[]): boolean {
  return before.length === after.length && after.every((entry, i) => entry === before[i] || jsonEqual(entry, before[i]));
}

/** Checks the configuration against the schema, in the real server's words, and gives the fields it speaks of. */
function configuredFields(schema: SchemaNode, applied: KubeObject): FieldSet {
  const { apiVersion, kind, metadata } = applied;
  assertSafeDocument(applied, 'the applied configuration');
  if (isObject(metadata) && metadata.managedFields !== undefined && metadata.managedFields !== null) {
    throw new InvalidInputError('metadata.managedFields must be nil', { field: 'metadata.managedFields' });
  }
  const errors: string[] = [];
  const fields = fieldSetOf(schema, applied, errors);
  if (errors.length > 0) {
    const what = `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}; ${apiVersion}, Kind=${kind}`;
    const problems = errors.length === 1 ? errors[0] : ['errors:', ...errors.map((error) => `  ${error}`)].join('\n');
    throw new InvalidInputError(`failed to create typed patch object (${what}): ${problems}`, { errors });
  }
  return fields;
}

/**
 * Server-side apply: merges the configuration into the live object, keeps `metadata.managedFields`, removes what the manager no longer
 * applies and nobody else owns, and reports fields of others that it would change. Defaults are the caller's affair, afterwards; then
 * `keepTimes` says whether anything is left to write.
 * Semantics: structured-merge-diff v6.3 and apimachinery v0.36 (`pkg/util/managedfields`). Throws InvalidInputError for a configuration
 * that does not fit the schema.
 */
export function serverSideApply(request: ServerSideApplyRequest): ServerSideApplyResult {
  return new Apply(request).run();
}
