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
  strategy: z.record(z.string(), z.unknown()).optional(),
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
    })
    .optional(),
});

export type ApplicationSet = z.infer<typeof applicationSetSchema>;
export type ApplicationSetSpec = z.infer<typeof applicationSetSpecSchema>;

export const MAX_HELD_REASONS = 200;

/** Names the RolloutPolicy of a set, or `none`. */
export const ROLLOUT_POLICY_ANNOTATION = 'flotilla.dev/rollout-policy';
