import type { ApplyConflict, ServerSideApplyRequest, ServerSideApplyResult, UpdateManagedFieldsRequest } from '../patch/index.js';
import type { SchemaNode, ValidationResult } from '../schema/index.js';
import type { KubeObject } from '../storage.js';

export type { ApplyConflict };

/** What the machinery asks of the patch and schema parts. Inputs are never changed; outputs may share structure with them. */
export interface PatchEngine {
  applyJsonPatch(live: unknown, patch: unknown): unknown;
  applyMergePatch(live: unknown, patch: unknown): unknown;
  applyStrategicMergePatch(live: unknown, patch: unknown, schema: SchemaNode): unknown;
  serverSideApply(request: ServerSideApplyRequest): ServerSideApplyResult;
  updateManagedFields(request: UpdateManagedFieldsRequest): KubeObject;
  describeConflicts(conflicts: readonly ApplyConflict[]): { message: string; causes: { reason: string; message: string; field: string }[] };
  validateObject(object: unknown, schema: SchemaNode): ValidationResult;
  pruneUnknown<T>(object: T, schema: SchemaNode): T;
  applyDefaults<T>(object: T, schema: SchemaNode): T;
}
