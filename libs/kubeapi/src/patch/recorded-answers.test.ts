import { readdirSync, readFileSync } from 'node:fs';
import { isObject } from '@flotilla/kernel';
import { describe, expect, test } from 'vitest';
import { applyDefaults, builtinSchema, type OpenApiSchema, type SchemaNode, schemaOf } from '../schema/index.js';
import type { KubeObject, ManagedFieldsEntry } from '../storage.js';
import { EMPTY_SET, type FieldSet } from './fields/field-set.js';
import { decodeFieldsV1 } from './fields/fields-v1.js';
import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  describeConflicts,
  dropAbsent,
  keepTimes,
  serverSideApply,
  updateManagedFields,
} from './index.js';
import { NEVER_OWNED, resetFieldsOf } from './never-owned.js';
import { compareTyped } from './typed/compare-typed.js';
import { removeFields } from './typed/remove-fields.js';

/** What recorded/record-patch.mjs writes: requests and the answers of a real kube-apiserver 1.36. */
interface Step {
  verb: 'create' | 'update' | 'apply' | 'merge' | 'strategic' | 'json';
  manager: string;
  force?: boolean;
  subresource?: string;
  allocated?: string[];
  body: KubeObject;
  at: string;
  status: number;
  object?: KubeObject;
  failure?: { reason?: string; message: string; causes?: { field: string; message: string }[] };
}

interface Recording {
  server: string;
  cases: { name: string; steps: Step[] }[];
}

const folder = new URL('../../recorded/', import.meta.url);
const read = (file: string): unknown => JSON.parse(readFileSync(new URL(file, folder), 'utf8'));
const recordings = readdirSync(folder).filter((file) => /^patch-[a-z]+\.json$/.test(file));
const widgetSchema = schemaOf(read('patch-widget.schema.json') as OpenApiSchema, {});

function schemaFor({ apiVersion, kind }: KubeObject): SchemaNode {
  const schema = builtinSchema(apiVersion, kind) ?? (kind === 'Widget' ? widgetSchema : undefined);
  if (!schema) throw new Error(`no schema for ${apiVersion} ${kind}`);
  return schema;
}

/** The time the server stamped in this answer, or the time of the request when it stamped none. */
function stampOf(step: Step, before: KubeObject | undefined): string {
  const times = (object?: KubeObject) => (object?.metadata.managedFields ?? []).map(({ time }) => time);
  const known = new Set(times(before));
  return times(step.object).find((time) => time !== undefined && !known.has(time)) ?? step.at;
}

const KEPT_BY_SERVER = ['resourceVersion', 'generation', 'uid', 'creationTimestamp', 'managedFields', 'namespace'];

/** The part of an object that a client decides. */
function contentOf(object: KubeObject): Record<string, unknown> {
  const metadata = Object.fromEntries(Object.entries(object.metadata).filter(([name]) => !KEPT_BY_SERVER.includes(name)));
  return { ...object, metadata };
}

function withoutPaths(object: KubeObject, paths: readonly string[] = []): KubeObject {
  const copy = structuredClone(object) as Record<string, unknown>;
  for (const path of paths) {
    const names = path.split('.');
    const last = names.pop()!;
    const parent = names.reduce<unknown>((value, name) => (isObject(value) ? value[name] : undefined), copy);
    if (isObject(parent)) delete parent[last];
  }
  return copy as KubeObject;
}

function ownedByAnyone(entries: readonly ManagedFieldsEntry[] | undefined, schema: SchemaNode): FieldSet {
  return (entries ?? []).reduce((all, { fieldsV1 }) => all.union(decodeFieldsV1(fieldsV1, schema)), EMPTY_SET);
}

/**
 * Our object equals the server's but for what its code fills in by itself: fields that nobody owns, or that a create by POST defaulted
 * before ownership was decided. Nothing may be missing from, or different in, what we made.
 */
function expectSameContent(ours: KubeObject, theirs: KubeObject, schema: SchemaNode, resets: FieldSet): void {
  const clean = (object: KubeObject) => dropAbsent(removeFields(schema, contentOf(object), resets), schema);
  if (schema.native) expect(clean(theirs)).toMatchObject(clean(ours) as object);
  else expect(clean(theirs)).toEqual(clean(applyDefaults(ours, schema)));
}

function playApply(step: Step, before: KubeObject | undefined, schema: SchemaNode): void {
  const { body, manager, force, subresource } = step;
  const run = () => serverSideApply({ live: before, applied: body, manager, force, schema, subresource, now: stampOf(step, before) });
  if (step.status >= 500) {
    expect(run).toThrow('failed to create typed patch object');
    return;
  }
  const { object, conflicts } = run();
  if (step.status === 409) {
    const { causes } = describeConflicts(conflicts);
    const text = ({ field, message }: { field: string; message: string }) => `${field} ${message}`;
    expect(causes.map(text).sort()).toEqual(step.failure!.causes!.map(text).sort());
    if (new Set(conflicts.map((conflict) => conflict.manager)).size === 1)
      expect(describeConflicts(conflicts).message).toBe(step.failure!.message);
    return;
  }
  expect(conflicts).toEqual([]);
  // A refusal after the engine's work (a missing name) is the affair of validation.
  if (!step.object) return;
  // The server defaults what came out, and only then sees whether anything but times is new.
  const stored = { ...step.object, metadata: { ...step.object.metadata, managedFields: object.metadata.managedFields ?? [] } };
  const settled = before ? keepTimes(before, stored) : stored;
  expect(settled.metadata.managedFields ?? []).toEqual(step.object.metadata.managedFields ?? []);
  const resets = resetFieldsOf(body.apiVersion, body.kind, schema, subresource);
  expectSameContent(object, step.object, schema, resets);
  const extra = compareTyped(schema, contentOf(object), contentOf(step.object)).added;
  const owned = ownedByAnyone(object.metadata.managedFields, schema);
  if (step.subresource === undefined) {
    expect(owned.intersection(extra.recursiveDifference(resets)).difference(NEVER_OWNED).paths()).toEqual([]);
  }
  if (before && step.object.metadata.resourceVersion === before.metadata.resourceVersion) expect(settled).toBe(before);
}

function patched(step: Step, before: KubeObject, schema: SchemaNode): KubeObject {
  if (step.verb === 'merge') return applyMergePatch(before, step.body);
  if (step.verb === 'json') return applyJsonPatch(before, step.body);
  return step.verb === 'strategic' ? applyStrategicMergePatch(before, step.body, schema) : step.body;
}

function playWrite(step: Step, before: KubeObject | undefined, schema: SchemaNode): void {
  const { manager, subresource } = step;
  const first = before ?? step.body;
  const resets = resetFieldsOf(first.apiVersion, first.kind, schema, subresource);
  if (!step.object) {
    if (before && step.status !== 409 && step.verb !== 'merge' && step.verb !== 'update')
      expect(() => patched(step, before, schema)).toThrow();
    return;
  }
  const ours = before ? patched(step, before, schema) : step.body;
  if (before) expectSameContent(ours, step.object, schema, resets);
  // Ownership is decided on what the server made of the request: decoded, defaulted, with the managedFields that were sent.
  const decoded = withoutPaths(step.object, step.allocated);
  const after = { ...decoded, metadata: { ...decoded.metadata, managedFields: ours.metadata.managedFields } } as KubeObject;
  const managed = updateManagedFields({ before, after, manager, schema, subresource, now: stampOf(step, before) });
  expect(managed.metadata.managedFields ?? []).toEqual(step.object.metadata.managedFields ?? []);
}

describe.each(recordings)('as the real server answered in %s', (file) => {
  const { cases } = read(file) as Recording;
  test.each(cases)('$name', ({ steps }) => {
    const schema = schemaFor(steps[0]!.body);
    let live: KubeObject | undefined;
    for (const [i, step] of steps.entries()) {
      try {
        if (step.verb === 'apply') playApply(step, live, schema);
        else playWrite(step, live, schema);
      } catch (error) {
        if (error instanceof Error) error.message = `step ${i} (${step.verb} by ${step.manager}): ${error.message}`;
        throw error;
      }
      live = step.object ?? live;
    }
  });
});
