export { compareForApply, kindRank, type Orderable, orderForApply } from './apply-order.js';
export {
  appliedFields,
  type FieldSet,
  leafPaths,
  omitFields,
  ownersOf,
  projectFields,
  readablePath,
  unionFields,
} from './field-set.js';
export { aggregateHealth, worseHealth } from './health/aggregate-health.js';
export { healthOf, IGNORE_HEALTH_ANNOTATION, ignoresHealth } from './health/health-of.js';
export type { HealthStatus, ResourceHealth } from './health/resource-health.js';
export { ARGO_HOOK_ANNOTATION, hookTypesOf } from './hooks.js';
export { apiVersionFrom, groupOf, type ObjectRef, objectKey, parseObjectKey, refOf, versionOf } from './identity.js';
export {
  type InventoryEntry,
  judgePrune,
  leftOver,
  mirrorPruneWaves,
  type PruneContext,
  type PruneVerdict,
} from './inventory.js';
export type { JsonPath } from './jq/evaluate-expression.js';
export { PathExpressionError } from './jq/path-expression.errors.js';
export { compilePathExpression, deletePaths, type PathExpression } from './jq/path-expression.js';
export { fieldAt, type KubeMeta, type KubeObject, listAt, type ManagedFieldsEntry, numberAt, textAt } from './kube-object.js';
export { maskSecret } from './mask-secret.js';
export { projectionDigest, type TextDigest, takeOverManagedFields } from './projection.js';
export { quantityNano, sameQuantity } from './quantity.js';
export { counterpartIn, type Difference, escapePointer, subsetDiff } from './subset-diff.js';
export { hasOption, optionValue, SYNC_OPTIONS_ANNOTATION, syncOptionsOf } from './sync-options.js';
export { SYNC_WAVE_ANNOTATION, syncWaveOf } from './sync-wave.js';
export {
  type AppRef,
  ARGO_TRACKING_ANNOTATION,
  FIELD_MANAGER,
  MANAGED_LABEL,
  type Owner,
  ownerOf,
  PROTECTED_LABEL,
  stampTracking,
  TRACKING_ANNOTATION,
  trackingId,
} from './tracking.js';
