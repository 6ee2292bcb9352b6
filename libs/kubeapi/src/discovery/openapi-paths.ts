import { type ApiResource, apiVersionOf } from '../api/api-resource.js';

const PATCH_TYPES = ['application/apply-patch+yaml', 'application/json-patch+json', 'application/merge-patch+json'];
/** kubectl sends what is listed, and custom kinds take no strategic patch. */
const BUILTIN_PATCH_TYPES = [...PATCH_TYPES, 'application/strategic-merge-patch+json'];

type Operation = Record<string, unknown>;
type Paths = Record<string, Record<string, unknown>>;

const query = (name: string, type = 'string', description = ''): Operation => ({
  name,
  in: 'query',
  description,
  schema: { type, uniqueItems: true },
});

const DRY_RUN = query('dryRun', 'string', 'When present, indicates that modifications should not be persisted. Valid values are: All.');
const FIELD_MANAGER = query('fieldManager', 'string', 'The name of the actor that makes these changes.');
const FIELD_VALIDATION = query(
  'fieldValidation',
  'string',
  'What to do about unknown and duplicate fields: Ignore, Warn (default) or Strict.',
);
const WRITE = [DRY_RUN, FIELD_MANAGER, FIELD_VALIDATION];
const LIST = [
  query('allowWatchBookmarks', 'boolean'),
  query('continue'),
  query('fieldSelector'),
  query('labelSelector'),
  query('limit', 'integer'),
  query('resourceVersion'),
  query('resourceVersionMatch'),
  query('sendInitialEvents', 'boolean'),
  query('timeoutSeconds', 'integer'),
  query('watch', 'boolean'),
];
const DELETE = [DRY_RUN, query('gracePeriodSeconds', 'integer'), query('propagationPolicy')];

/**
 * The paths of one resource as OpenAPI v3 names them. Clients read from them which kinds a server knows and which query
 * parameters a verb takes: kubectl validates on the server only when PATCH and POST list `fieldValidation`.
 */
export function pathsOf(resource: ApiResource): Paths {
  const { group, version, plural, namespaced } = resource;
  const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
  const operation = operationsOf(resource);
  const collection = namespaced ? `${root}/namespaces/{namespace}/${plural}` : `${root}/${plural}`;
  const place = namespaced ? [pathParameter('namespace')] : [];
  if (resource.review) return { [collection]: { post: operation('create', 'post', WRITE), parameters: place } };
  const named = [pathParameter('name'), ...place];
  const paths: Paths = {
    [collection]: {
      get: operation('list', 'list', LIST),
      post: operation('create', 'post', WRITE),
      delete: operation('deleteCollection', 'deletecollection', [...DELETE, ...LIST]),
      parameters: place,
    },
    [`${collection}/{name}`]: {
      get: operation('read', 'get', []),
      put: operation('replace', 'put', WRITE),
      patch: patchOperation(operation, resource.isCustom),
      delete: operation('delete', 'delete', DELETE),
      parameters: named,
    },
  };
  if (namespaced) paths[`${root}/${plural}`] = { get: operation('listAll', 'list', LIST), parameters: [] };
  if (resource.subresources.status) {
    const status = operationsOf(resource, 'Status');
    paths[`${collection}/{name}/status`] = {
      get: status('read', 'get', []),
      put: status('replace', 'put', WRITE),
      patch: patchOperation(status, resource.isCustom),
      parameters: named,
    };
  }
  return paths;
}

type Operations = (verb: string, action: string, parameters: readonly Operation[]) => Operation;

function operationsOf(resource: ApiResource, suffix = ''): Operations {
  const { group, version, kind, schema } = resource;
  const tag = `${group.split('.')[0] || 'core'}_${version}`;
  const reference = { $ref: `#/components/schemas/${schema.name}` };
  const content = { 'application/json': { schema: reference } };
  return (verb, action, parameters) => ({
    tags: [tag],
    operationId: `${verb}${camel(apiVersionOf(resource))}${resource.namespaced && verb !== 'listAll' ? 'Namespaced' : ''}${kind}${suffix}`,
    description: `${verb} ${kind}`,
    parameters,
    ...(action === 'post' || action === 'put' ? { requestBody: { content: { '*/*': { schema: reference } }, required: true } } : {}),
    responses: { 200: { description: 'OK', content } },
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': { group, version, kind },
  });
}

function patchOperation(operation: Operations, isCustom: boolean): Operation {
  const patch = { schema: { $ref: '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.Patch' } };
  const types = isCustom ? PATCH_TYPES : BUILTIN_PATCH_TYPES;
  return {
    ...operation('patch', 'patch', [...WRITE, query('force', 'boolean')]),
    requestBody: { content: Object.fromEntries(types.map((type) => [type, patch])), required: true },
  };
}

function pathParameter(name: string): Operation {
  return { name, in: 'path', required: true, description: `the ${name}`, schema: { type: 'string', uniqueItems: true } };
}

function camel(text: string): string {
  return text
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}
