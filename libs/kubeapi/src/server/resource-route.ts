import { type ApiAnswer, type ApiRequest, jsonAnswer } from '../http/api-request.js';
import { methodNotAllowed, noSuchResource } from '../http/kube-api.errors.js';
import type { ResourcePath } from '../http/parse-path.js';
import { readObjectBody } from '../http/read-body.js';
import type { ApiCall, ApiServices } from '../verbs/api-call.js';
import { createObject, type Written } from '../verbs/create-object.js';
import { decodeObject } from '../verbs/decode-object.js';
import { deleteCollection } from '../verbs/delete-collection.js';
import { deleteObject } from '../verbs/delete-object.js';
import { readFlag } from '../verbs/list-options.js';
import { patchObject } from '../verbs/patch-object.js';
import { answerObject } from '../verbs/present.js';
import { getObject, listObjects } from '../verbs/read-objects.js';
import { getScale, writeScale } from '../verbs/scale-object.js';
import { updateObject } from '../verbs/update-object.js';
import { watchObjects } from '../verbs/watch-objects.js';

export type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete' | 'deletecollection';

const ON_OBJECT: Record<string, Verb> = { GET: 'get', PUT: 'update', PATCH: 'patch', DELETE: 'delete' };
const ON_COLLECTION: Record<string, Verb> = { GET: 'list', POST: 'create', DELETE: 'deletecollection' };

/**
 * The call a path names. Undefined when a group version is not served, or is a custom one without that resource: then the
 * real server answers as for any unknown path.
 * @throws KubeApiError 404 when a served group version has no such resource or subresource
 */
export function resolveCall(services: ApiServices, path: ResourcePath, request: ApiRequest): ApiCall | undefined {
  const { group, version, plural, namespace, name = '', subresource = '' } = path;
  const resource = services.registry.find(group, version, plural);
  if (!resource) {
    const siblings = services.registry.all().filter((other) => other.group === group && other.version === version);
    if (siblings.length === 0 || siblings.every(({ isCustom }) => isCustom)) return undefined;
    throw noSuchResource();
  }
  const hasSubresource =
    subresource === '' ||
    (subresource === 'status' && resource.subresources.status) ||
    (subresource === 'scale' && resource.subresources.scale);
  if (!hasSubresource || (namespace !== '' && !resource.namespaced)) throw noSuchResource();
  return { services, resource, namespace, name, subresource, request };
}

/** @throws KubeApiError 405 for a method the path does not take */
export function verbOf(call: ApiCall): Verb {
  const { request, resource, name, namespace, subresource } = call;
  const verb = (name === '' ? ON_COLLECTION : ON_OBJECT)[request.method];
  if (!verb || (subresource !== '' && verb === 'delete')) throw methodNotAllowed();
  if (resource.review && verb !== 'create') throw methodNotAllowed();
  // Objects of a namespaced kind are named inside their namespace only.
  if (resource.namespaced && namespace === '' && (name !== '' || verb === 'create' || verb === 'deletecollection'))
    throw methodNotAllowed();
  return (verb === 'list' || verb === 'get') && subresource === '' && readFlag(call, 'watch') ? 'watch' : verb;
}

const RUN: Record<Verb, (call: ApiCall) => Promise<ApiAnswer> | ApiAnswer> = {
  get: (call) => (call.subresource === 'scale' ? getScale(call) : getObject(call)),
  list: listObjects,
  watch: watchObjects,
  create: async (call) => (call.resource.review ? review(call) : answerWritten(call, await createObject(call))),
  update: async (call) => (call.subresource === 'scale' ? writeScale(call) : answerWritten(call, await updateObject(call))),
  patch: async (call) => (call.subresource === 'scale' ? writeScale(call) : answerWritten(call, await patchObject(call))),
  delete: async (call) => {
    const result = await deleteObject(call);
    return 'details' in result && result.kind === 'Status' ? jsonAnswer(200, result) : answerObject(call, 200, result as Written['object']);
  },
  deletecollection: deleteCollection,
};

export async function runCall(call: ApiCall, verb: Verb): Promise<ApiAnswer> {
  return RUN[verb](call);
}

function answerWritten(call: ApiCall, { object, warnings, isNew }: Written): ApiAnswer {
  return answerObject(call, isNew ? 201 : 200, object, warnings);
}

async function review(call: ApiCall): Promise<ApiAnswer> {
  const { resource, request } = call;
  const { value } = readObjectBody(request, resource.kind, false);
  const { object } = decodeObject(call, value, { fieldValidation: 'Ignore' }, []);
  return jsonAnswer(201, await resource.review!(object, request.user));
}
