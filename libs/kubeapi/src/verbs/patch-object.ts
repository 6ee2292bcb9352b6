import { FlotillaError, isObject, messageOf } from '@flotilla/kernel';
import { apiVersionOf } from '../api/api-resource.js';
import type { ApiRequest } from '../http/api-request.js';
import { badRequest, invalidPatch, patchDoesNotApply, unsupportedMediaType } from '../http/kube-api.errors.js';
import { KubeApiError } from '../http/kube-status.js';
import { contentTypeOf, type ReadBody, readApplyBody, readPatchBody } from '../http/read-body.js';
import { checkPatchOptions, readWriteOptions, type WriteOptions } from '../http/write-options.js';
import type { KubeObject } from '../storage.js';
import type { ApiCall } from './api-call.js';
import { applyObject } from './apply-object.js';
import type { Written } from './create-object.js';
import { decodeObject } from './decode-object.js';
import { changeObject, checkName } from './update-object.js';

export const JSON_PATCH = 'application/json-patch+json';
export const MERGE_PATCH = 'application/merge-patch+json';
export const STRATEGIC_PATCH = 'application/strategic-merge-patch+json';
export const APPLY_PATCH = 'application/apply-patch+yaml';

/** Operations of one JSON patch, as the real server bounds them. */
const MAX_JSON_PATCH_OPERATIONS = 10_000;

/** PATCH in any of the four content types. */
export async function patchObject(call: ApiCall): Promise<Written> {
  const type = patchTypeOf(call.request, call.resource.isCustom);
  const options = readWriteOptions(call.request, 'PatchOptions');
  checkPatchOptions(options, (call.request.query.get('fieldManager') ?? '') !== '', type === APPLY_PATCH);
  const wantsDuplicates = options.fieldValidation !== 'Ignore';
  if (type === APPLY_PATCH) return applyObject(call, readApplyBody(call.request, wantsDuplicates), options);
  const body = readPatchBody(call.request, wantsDuplicates);
  checkShape(type, body.value);
  return changeObject(call, {
    options,
    createsMissing: false,
    retries: true,
    build: (live) => buildPatched(call, type, live!, body, options),
  });
}

export function patchTypeOf(request: ApiRequest, isCustom: boolean): string {
  const accepted = [JSON_PATCH, MERGE_PATCH, ...(isCustom ? [] : [STRATEGIC_PATCH]), APPLY_PATCH];
  const type = contentTypeOf(request);
  if (accepted.includes(type)) return type;
  if (type === STRATEGIC_PATCH) throw unsupportedMediaType(accepted);
  throw new KubeApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {});
}

export function checkShape(type: string, patch: unknown): void {
  if (type === JSON_PATCH) {
    if (!Array.isArray(patch)) {
      throw badRequest('error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp');
    }
    if (patch.length > MAX_JSON_PATCH_OPERATIONS) {
      const text = `The allowed maximum operations in a JSON patch is ${MAX_JSON_PATCH_OPERATIONS}, got ${patch.length}`;
      throw new KubeApiError(413, 'RequestEntityTooLarge', text);
    }
  } else if (!isObject(patch)) {
    const given = Array.isArray(patch) ? 'array' : typeof patch;
    throw badRequest(`error decoding patch: json: cannot unmarshal ${given} into Go value of type map[string]interface {}`);
  }
}

function buildPatched(call: ApiCall, type: string, live: KubeObject, body: ReadBody, options: WriteOptions) {
  const { resource } = call;
  // Members are patched in the version the client speaks, which may not be the stored one.
  const versioned = { ...live, apiVersion: apiVersionOf(resource), kind: resource.kind };
  const patched = applyPatch(call, type, versioned, body.value);
  if (!isObject(patched)) throw patchDoesNotApply();
  const decoded = decodeObject(call, patched, options, body.duplicates, (text) =>
    invalidPatch(JSON.stringify(patched), `strict decoding error: ${text}`),
  );
  checkName(call, decoded.object);
  return decoded;
}

export function applyPatch({ services, resource }: ApiCall, type: string, live: unknown, patch: unknown): unknown {
  if (type === MERGE_PATCH) return services.engine.applyMergePatch(live, patch);
  try {
    if (type === JSON_PATCH) return services.engine.applyJsonPatch(live, patch);
    return services.engine.applyStrategicMergePatch(live, patch, resource.schema.node);
  } catch (error) {
    if (error instanceof KubeApiError) throw error;
    if (type === JSON_PATCH) throw patchDoesNotApply();
    if (error instanceof FlotillaError) throw badRequest(messageOf(error));
    throw error;
  }
}
