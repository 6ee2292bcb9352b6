import { isObject } from '@flotilla/kernel';
import { apiVersionOf } from '../api/api-resource.js';
import { badRequest, invalid } from '../http/kube-api.errors.js';
import type { WriteOptions } from '../http/write-options.js';
import type { KubeObject } from '../storage.js';
import type { ApiCall } from './api-call.js';
import { dropNulls } from './drop-nulls.js';

/** A decoded, pruned and defaulted object, with what should be said about it. */
export interface Decoded {
  object: KubeObject;
  warnings: string[];
}

/** How strict-decoding errors reach the client: create and update answer 400, a patch answers through `fail`. */
export type StrictFailure = (text: string) => Error;

/**
 * Reads a JSON value as an object of the call's kind: right kind, known fields (by `fieldValidation`), right types,
 * nulls and unknown fields dropped, defaults filled in.
 * @throws KubeApiError 400 or 422 with every cause
 */
export function decodeObject(
  call: ApiCall,
  value: unknown,
  options: Pick<WriteOptions, 'fieldValidation'>,
  duplicates: readonly string[],
  fail: StrictFailure = strictFailure(call),
): Decoded {
  const { resource, services } = call;
  const typed = checkKind(call, value);
  const object = resource.isCustom ? { ...typed, metadata: dropNulls(typed.metadata) } : dropNulls(typed);
  const found = services.engine.validateObject(object, resource.schema.node);
  if (found.undecodable !== undefined && !resource.isCustom) {
    const { kind, version } = resource;
    throw badRequest(`${cannotBeHandled(kind, version, kind)}: ${found.undecodable.replace(' field .', ` field ${kind}.`)}`);
  }
  const unknown = found.unknown.map((path) => describeUnknown(path, resource.strategy.suggestField?.(object, path)));
  const warnings = judgeFields(unknown, duplicates, resource.isStrict ? 'Strict' : options.fieldValidation, fail);
  if (found.invalid.length > 0) throw invalid(resource, object.metadata.name ?? '', found.invalid);
  const pruned = found.unknown.length > 0 ? services.engine.pruneUnknown(object, resource.schema.node) : object;
  const defaulted = services.engine.applyDefaults(pruned, resource.schema.node);
  return { object: resource.strategy.defaults?.(defaulted) ?? defaulted, warnings };
}

export function strictFailure({ resource }: ApiCall): StrictFailure {
  return (text) => badRequest(`${cannotBeHandled(resource.kind, resource.version, resource.kind)}: strict decoding error: ${text}`);
}

function describeUnknown(path: string, meant: string | undefined): string {
  return `unknown field "${path}"${meant === undefined ? '' : ` (did you mean ${meant}?)`}`;
}

function judgeFields(
  unknown: readonly string[],
  duplicates: readonly string[],
  fieldValidation: WriteOptions['fieldValidation'],
  fail: StrictFailure,
): string[] {
  if (fieldValidation === 'Ignore') return [];
  const texts = [...unknown, ...duplicates.map((path) => `duplicate field "${path}"`)];
  if (fieldValidation === 'Strict' && texts.length > 0) throw fail(texts.join(', '));
  return texts;
}

function checkKind({ resource }: ApiCall, value: unknown): KubeObject {
  if (!isObject(value)) throw badRequest(`the object provided is unrecognized (must be of type ${resource.kind}): it is not an object`);
  const { apiVersion = resource.isCustom ? undefined : apiVersionOf(resource), kind = resource.isCustom ? undefined : resource.kind } =
    value;
  if (typeof kind !== 'string' || kind === '') {
    throw badRequest(`the object provided is unrecognized (must be of type ${resource.kind}): Object 'Kind' is missing`);
  }
  if (kind !== resource.kind && resource.isCustom && apiVersion === apiVersionOf(resource)) {
    const message = `Invalid value: ${JSON.stringify(kind)}: must be ${resource.kind}`;
    throw invalid({ group: resource.group, kind }, nameOf(value), [{ reason: 'FieldValueInvalid', message, field: 'kind' }]);
  }
  if (kind !== resource.kind || apiVersion !== apiVersionOf(resource)) {
    const version = typeof apiVersion === 'string' ? apiVersion.split('/').at(-1)! : '';
    throw badRequest(`${cannotBeHandled(kind, version, resource.kind)}: the API serves ${apiVersionOf(resource)} ${resource.kind} here`);
  }
  const metadata = value.metadata ?? {};
  if (!isObject(metadata)) throw badRequest(`${cannotBeHandled(kind, resource.version, kind)}: metadata is not an object`);
  return { ...value, apiVersion: apiVersionOf(resource), kind, metadata: withoutEmpty(metadata) as KubeObject['metadata'] };
}

/** Members of metadata that Go leaves out of its JSON when they hold nothing (`omitempty`). */
const OMITTED_WHEN_EMPTY = ['labels', 'annotations', 'finalizers', 'ownerReferences'];

function withoutEmpty(metadata: Record<string, unknown>): Record<string, unknown> {
  const isEmpty = (value: unknown): boolean => typeof value === 'object' && value !== null && Object.keys(value).length === 0;
  const empty = OMITTED_WHEN_EMPTY.filter((name) => isEmpty(metadata[name]));
  return empty.length === 0 ? metadata : Object.fromEntries(Object.entries(metadata).filter(([name]) => !empty.includes(name)));
}

function nameOf(value: Record<string, unknown>): string {
  return isObject(value.metadata) && typeof value.metadata.name === 'string' ? value.metadata.name : '';
}

function cannotBeHandled(kind: string, version: string, wanted: string): string {
  return `${kind} in version "${version}" cannot be handled as a ${wanted}`;
}
