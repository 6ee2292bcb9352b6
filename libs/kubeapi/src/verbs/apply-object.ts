import { InvalidInputError, isObject } from '@flotilla/kernel';
import { apiVersionOf } from '../api/api-resource.js';
import type { PatchEngine } from '../api/patch-engine.js';
import { badRequest } from '../http/kube-api.errors.js';
import { KubeApiError } from '../http/kube-status.js';
import type { ReadBody } from '../http/read-body.js';
import type { WriteOptions } from '../http/write-options.js';
import type { KubeObject } from '../storage.js';
import { type ApiCall, nowOf } from './api-call.js';
import type { Written } from './create-object.js';
import { decodeObject } from './decode-object.js';
import { dropNulls } from './drop-nulls.js';
import { changeObject, checkName } from './update-object.js';

/** Server-side apply; creates the object when it is missing. */
export async function applyObject(call: ApiCall, body: ReadBody, options: WriteOptions): Promise<Written> {
  const applied = readApplied(call, body, options);
  return changeObject(call, {
    options,
    createsMissing: call.subresource === '',
    retries: true,
    build: (live) => {
      const merged = merge(call, applied, options, live);
      const { object, warnings } = decodeObject(call, merged, { fieldValidation: 'Ignore' }, []);
      const managed = object.metadata.managedFields;
      return { object, warnings, manage: (final) => ({ ...final, metadata: { ...final.metadata, managedFields: managed } }) };
    },
  });
}

function readApplied(call: ApiCall, body: ReadBody, options: WriteOptions): KubeObject {
  const { resource } = call;
  const { value } = body;
  if (!isObject(value)) throw badRequest(`error decoding YAML: it is not an object but ${value === null ? 'empty' : typeof value}`);
  const apiVersion = typeof value.apiVersion === 'string' ? value.apiVersion : '';
  const kind = typeof value.kind === 'string' ? value.kind : '';
  if (apiVersion !== apiVersionOf(resource) || kind !== resource.kind) {
    const [version, group = ''] = apiVersion.split('/').reverse();
    throw badRequest(`invalid object type: ${group}/${version}, Kind=${kind}`);
  }
  if (body.duplicates.length > 0 && options.fieldValidation === 'Strict') {
    throw badRequest(`error strict decoding YAML: ${body.duplicates.map((path) => `duplicate field "${path}"`).join(', ')}`);
  }
  const metadata = isObject(value.metadata) ? dropNulls(value.metadata) : {};
  if (Array.isArray(metadata.managedFields) && metadata.managedFields.length > 0) throw badRequest('metadata.managedFields must be nil');
  const { managedFields: _, ...meta } = metadata;
  const object = { ...value, apiVersion, kind, metadata: meta } as KubeObject;
  checkName(call, object);
  return object;
}

function merge(call: ApiCall, applied: KubeObject, options: WriteOptions, live: KubeObject | undefined): KubeObject {
  const { services, resource, subresource } = call;
  const versioned = live && { ...live, apiVersion: apiVersionOf(resource), kind: resource.kind };
  const { object, conflicts } = apply(services.engine, {
    live: versioned,
    applied,
    manager: options.fieldManager,
    force: options.force === true,
    schema: resource.schema.node,
    subresource: subresource || undefined,
    now: nowOf(call),
  });
  if (conflicts.length > 0) {
    const { message, causes } = services.engine.describeConflicts(conflicts);
    throw new KubeApiError(409, 'Conflict', message, { causes });
  }
  return object.metadata.name ? object : { ...object, metadata: { ...object.metadata, name: call.name } };
}

/** A configuration that does not fit the schema is answered with 500 and no reason, as the real server does. */
function apply(engine: PatchEngine, request: Parameters<PatchEngine['serverSideApply']>[0]): ReturnType<PatchEngine['serverSideApply']> {
  try {
    return engine.serverSideApply(request);
  } catch (error) {
    if (error instanceof InvalidInputError) {
      // The real server writes the empty group of a core kind with its slash.
      throw new KubeApiError(500, undefined, error.message.replace(/; (v\d\w*), Kind=/, '; /$1, Kind='));
    }
    throw error;
  }
}
