import { z } from 'zod';
import { conditionSchema, objectMetaSchema } from './meta.js';

/**
 * A secret that released applications ask for: one per (project, asking object, target), whatever the number of clusters. The
 * orchestrator creates it in the application's namespace and deletes it when nothing released asks any more; the broker reads
 * the value and writes `status`. The value itself is never in it.
 */
export const secretGrantSchema = z.object({
  apiVersion: z.literal('flotilla.dev/v1alpha1'),
  kind: z.literal('SecretGrant'),
  metadata: objectMetaSchema,
  spec: z.object({
    project: z.string(),
    /** The rendered object that asks; `digest` names its blob. */
    from: z.object({
      kind: z.enum(['ExternalSecret', 'SealedSecret']),
      namespace: z.string(),
      name: z.string(),
      digest: z.string(),
    }),
    /** The Secret that is written in the spokes. */
    target: z.object({ namespace: z.string(), name: z.string() }),
    /** RFC 3339; a new time asks the broker to read the provider at once. */
    rotateAt: z.string().optional(),
  }),
  status: z
    .looseObject({
      /** Keyed digest of the value that spokes get; absent while none was ever read. */
      version: z.string().optional(),
      /** Since when the value is this one. */
      since: z.string().optional(),
      /** When the provider was last read with success. */
      refreshedAt: z.string().optional(),
      /** `SecretStore/name` or `ClusterSecretStore/name`. */
      store: z.string().optional(),
      conditions: z.array(conditionSchema).optional(),
    })
    .optional(),
});

export type SecretGrant = z.infer<typeof secretGrantSchema>;
