import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  describeConflicts,
  serverSideApply,
  updateManagedFields,
} from '../patch/index.js';
import { applyDefaults, pruneUnknown, validateObject } from '../schema/index.js';
import type { PatchEngine } from './patch-engine.js';

/** The patch and schema parts of this package. */
export const patchEngine: PatchEngine = {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
  serverSideApply,
  updateManagedFields,
  describeConflicts,
  validateObject,
  pruneUnknown,
  applyDefaults,
};
