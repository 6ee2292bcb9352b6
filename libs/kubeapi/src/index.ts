export { ApiRegistry } from './api/api-registry.js';
export {
  type ApiResource,
  apiVersionOf,
  defineResource,
  type NameRule,
  type ResourceColumn,
  type ResourceSchema,
  type ResourceStrategy,
  type ScaleSubresource,
  type WriteContext,
} from './api/api-resource.js';
export { type AccessAttributes, type AccessDecision, type AccessRule, type Authorizer, allowAll } from './api/authorizer.js';
export { reviewResources } from './api/review-resources.js';
export { builtinResource, builtinResources, openSchema } from './builtin/builtin-resources.js';
export { resourcesOfCrd } from './crd/crd-resources.js';
export { serveCrds } from './crd/serve-crds.js';
export { type ApiAnswer, type ApiRequest, jsonAnswer, textAnswer } from './http/api-request.js';
export {
  alreadyExists,
  badRequest,
  conflict,
  expired,
  forbidden,
  internal,
  invalid,
  notFound,
  unauthorized,
} from './http/kube-api.errors.js';
export { KubeApiError, type KubeStatus, type StatusCause } from './http/kube-status.js';
export {
  type ApplyConflict,
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  describeConflicts,
  dropAbsent,
  keepTimes,
  type ServerSideApplyRequest,
  type ServerSideApplyResult,
  serverSideApply,
  type UpdateManagedFieldsRequest,
  updateManagedFields,
} from './patch/index.js';
export {
  applyDefaults,
  type BuiltinOpenApi,
  type BuiltinResource,
  builtinOpenApi,
  builtinSchema,
  type FieldError,
  type OpenApiDocument,
  type OpenApiSchema,
  pruneUnknown,
  type SchemaNode,
  schemaOf,
  untypedObjectSchema,
  type ValidationResult,
  validateObject,
} from './schema/index.js';
export { selects } from './select-objects.js';
export { DEFAULT_LIMITS, KubeApiServer, type KubeApiServerOptions } from './server/kube-api-server.js';
export { type Authenticate, toApiRequest, toNodeListener } from './server/node-listener.js';
export {
  type GroupResource,
  type KubeMeta,
  type KubeObject,
  KubeStorage,
  type ManagedFieldsEntry,
  type RequestUser,
  type StorageEvent,
  type StorageListOptions,
} from './storage.js';
export { AlreadyExistsError, MemoryStorage, type MemoryStorageOptions } from './storage.memory.js';
export { ageOf, humanDuration } from './table/age.js';
export { compileJsonPath, type JsonPath } from './table/json-path.js';
export type { ApiLimits } from './verbs/api-call.js';
