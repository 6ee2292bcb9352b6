import { z } from 'zod';
import { objectMetaSchema } from './meta.js';

export const PLACEMENT_GROUP = 'cluster.open-cluster-management.io';

/**
 * What Open Cluster Management's placement controller writes, for generators of kind clusterDecisionResource. Whoever decides over
 * clusters writes `status` (subresource `status`); the hub only reads it.
 */
export const placementDecisionSchema = z.object({
  apiVersion: z.literal(`${PLACEMENT_GROUP}/v1beta1`),
  kind: z.literal('PlacementDecision'),
  metadata: objectMetaSchema,
  status: z.looseObject({ decisions: z.array(z.record(z.string(), z.unknown())).optional() }).optional(),
});

export type PlacementDecision = z.infer<typeof placementDecisionSchema>;
