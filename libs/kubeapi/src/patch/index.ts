export { type ApplyConflict, type ConflictCause, describeConflicts } from './conflicts.js';
export { dropAbsent } from './drop-absent.js';
export { applyJsonPatch } from './json-patch.js';
export { applyMergePatch } from './merge-patch.js';
export { type ServerSideApplyRequest, type ServerSideApplyResult, serverSideApply } from './server-side-apply.js';
export { keepTimes } from './stored-object.js';
export { applyStrategicMergePatch } from './strategic-merge-patch.js';
export { type UpdateManagedFieldsRequest, updateManagedFields } from './update-managed-fields.js';
