export { clusterEntries, entryOf, isInInventory } from './cluster-entries.js';
export { type DeletionReason, deletionExplainer, type PresentInputs } from './explain-deletion.js';
export { type GuardSubject, guardOfSet } from './guard-of-set.js';
export { controllerOf, withoutMark } from './merge-application.js';
export {
  type ApplicationPlan,
  type GuardInput,
  ownedNames,
  type PlanInput,
  planApplications,
  planRemoval,
  type Refusal,
} from './plan-applications.js';
export { releasedDeletions, withReleased } from './released-deletions.js';
export { describeSource, valueText } from './report/describe-source.js';
export { diffPlan } from './report/diff-plan.js';
export type { FieldChange } from './report/field-changes.js';
export { type PlanMarkdownInput, planMarkdown, type SetFailure, summarise } from './report/plan-markdown.js';
export {
  type ApplicationOutline,
  type DescribePlanInput,
  describePlan,
  hasChanges,
  type PlannedChange,
  type PlannedDeletion,
  type PlannedDocument,
  type PlannedSet,
  type PlanReport,
  planDocuments,
} from './report/plan-report.js';
export { type TraceMarkdownInput, traceMarkdown } from './report/trace-markdown.js';
export { type UnifiedDiffOptions, unifiedDiff } from './report/unified-diff.js';
export { type PendingDeletion, untilDue } from './schedule-deletions.js';
