import { z } from 'zod';
import { ignoreDifferenceSchema } from './application.js';
import { objectMetaSchema } from './meta.js';

export const labelSelectorSchema = z.object({
  matchLabels: z.record(z.string(), z.string()).optional(),
  matchExpressions: z.array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).optional() })).optional(),
});
export type LabelSelectorDocument = z.infer<typeof labelSelectorSchema>;

/** A template may hold parameters in any text, so its leaves are checked after substitution, as an Application. */
export const applicationTemplateSchema = z.object({
  metadata: z
    .object({
      name: z.string().optional(),
      namespace: z.string().optional(),
      labels: z.record(z.string(), z.string()).optional(),
      annotations: z.record(z.string(), z.string()).optional(),
      finalizers: z.array(z.string()).optional(),
    })
    .optional(),
  spec: z.record(z.string(), z.unknown()).optional(),
});
export type ApplicationTemplate = z.infer<typeof applicationTemplateSchema>;

/** One entry of `generators`: exactly one generator key plus `selector`. The generators library owns each key's schema. */
export const generatorSchema = z.record(z.string(), z.unknown());
export type GeneratorDocument = z.infer<typeof generatorSchema>;

/** Order in which changes reach the applications of a set (Argo CD's progressive syncs); `@flotilla/policy` says what it means. */
export const setStrategySchema = z.object({
  /** `AllAtOnce` (the default) or `RollingSync`. */
  type: z.string().optional(),
  rollingSync: z
    .object({
      steps: z
        .array(
          z.object({
            /** On labels of generated applications; operators In and NotIn. */
            matchExpressions: z
              .array(z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).optional() }))
              .optional(),
            /** A number of applications, or a share such as `25%` of those of the step. */
            maxUpdate: z.union([z.number().int(), z.string()]).optional(),
          }),
        )
        .optional(),
    })
    .optional(),
  /** `AllAtOnce` (the default) or `Reverse`: the last step is deleted first. */
  deletionOrder: z.string().optional(),
});
export type SetStrategy = z.infer<typeof setStrategySchema>;

/** One application under a RollingSync strategy, in Argo CD's words. */
export const applicationStepStatusSchema = z.object({
  application: z.string(),
  /** Counted from 1; `-1`: no step selects it. */
  step: z.string(),
  status: z.enum(['Waiting', 'Pending', 'Progressing', 'Healthy']),
  message: z.string(),
  lastTransitionTime: z.string(),
  /** One commit or version per source. */
  targetRevisions: z.array(z.string()),
});
export type ApplicationStepStatus = z.infer<typeof applicationStepStatusSchema>;

export const applicationSetSpecSchema = z.object({
  goTemplate: z.boolean().optional(),
  goTemplateOptions: z.array(z.string()).optional(),
  generators: z.array(generatorSchema),
  template: applicationTemplateSchema,
  templatePatch: z.string().optional(),
  syncPolicy: z
    .object({
      applicationsSync: z.enum(['create-only', 'create-update', 'create-delete', 'sync']).optional(),
      preserveResourcesOnDeletion: z.boolean().optional(),
    })
    .optional(),
  strategy: setStrategySchema.optional(),
  preservedFields: z.object({ labels: z.array(z.string()).optional(), annotations: z.array(z.string()).optional() }).optional(),
  ignoreApplicationDifferences: z
    .array(ignoreDifferenceSchema.pick({ jsonPointers: true, jqPathExpressions: true, name: true }))
    .optional(),
  applyNestedSelectors: z.boolean().optional(),
});

export const applicationSetSchema = z.object({
  apiVersion: z.literal('argoproj.io/v1alpha1'),
  kind: z.literal('ApplicationSet'),
  metadata: objectMetaSchema,
  spec: applicationSetSpecSchema,
  status: z
    .looseObject({
      conditions: z
        .array(z.looseObject({ type: z.string(), status: z.string(), reason: z.string().optional(), message: z.string().optional() }))
        .optional(),
      /** Names that a held expansion would delete; released by confirm-deletes (ours). */
      heldDeletions: z.array(z.string()).optional(),
      /** Why each of them left the set, by name; the first MAX_HELD_REASONS. */
      heldReasons: z.array(z.object({ name: z.string(), reason: z.string(), message: z.string() })).optional(),
      /** Deletions that are decided and wait for the end of the restore window; the first MAX_HELD_REASONS. */
      pendingDeletions: z.array(z.object({ name: z.string(), deleteAfter: z.string() })).optional(),
      applications: z.number().int().optional(),
      /** Argo CD's name for the same number. */
      resourcesCount: z.number().int().optional(),
      /** The newest FleetRollout of the set: what condition RolloutProgressing speaks of (ours). */
      rollout: z.string().optional(),
      /** Applications of a set with a RollingSync strategy; the first MAX_APPLICATION_STEPS, those that are not Healthy before the others. */
      applicationStatus: z.array(applicationStepStatusSchema).optional(),
    })
    .optional(),
});

export type ApplicationSet = z.infer<typeof applicationSetSchema>;
export type ApplicationSetSpec = z.infer<typeof applicationSetSpecSchema>;

export const MAX_HELD_REASONS = 200;
export const MAX_APPLICATION_STEPS = 200;

/** What a FleetRollout of a RollingSync strategy names as its policy; no RolloutPolicy can have this name. */
export const ROLLING_SYNC_POLICY = 'RollingSync';

/** Names the RolloutPolicy of a set, or `none`. */
export const ROLLOUT_POLICY_ANNOTATION = 'flotilla.dev/rollout-policy';
