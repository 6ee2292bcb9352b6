import { z } from 'zod';
import { applicationStepStatusSchema, labelSelectorSchema } from './application-set.js';
import { conditionSchema, objectMetaSchema } from './meta.js';

/**
 * A cluster of the fleet (cluster-scoped kind). Its labels are the labels generators and stages select by.
 * `spec.server` is what `destination.server` names; without one it is `flotilla://<name>`.
 */
export const clusterSchema = z.object({
  apiVersion: z.literal('flotilla.dev/v1alpha1'),
  kind: z.literal('Cluster'),
  metadata: objectMetaSchema,
  spec: z.object({
    server: z.string().optional(),
    /** Display name where it differs from metadata.name, as in an Argo cluster Secret's `data.name`. */
    name: z.string().optional(),
    project: z.string().optional(),
    /** The cluster the hub itself runs in: `https://kubernetes.default.svc`. */
    local: z.boolean().optional(),
    /** Opaque id of the spoke bound to this cluster; absent until an agent is enrolled or bound. */
    spokeId: z.string().optional(),
    accepted: z.boolean().optional(),
    revoked: z.boolean().optional(),
    secrets: z.enum(['broker', 'cluster']).optional(),
  }),
  status: z
    .looseObject({
      /** Connected, Unknown (lease ran out, or no agent yet), Pending (waits for acceptance), Quarantined, Revoked. */
      phase: z.enum(['Pending', 'Connected', 'Unknown', 'Quarantined', 'Revoked']).optional(),
      since: z.string().optional(),
      lastSeenAt: z.string().optional(),
      session: z.number().int().optional(),
      agentVersion: z.string().optional(),
      clusterUid: z.string().optional(),
      kubernetesVersion: z.string().optional(),
      apiVersions: z.array(z.string()).optional(),
      /** `group/Kind` of every served kind without namespaces; absent while nobody knows. */
      clusterKinds: z.array(z.string()).optional(),
      /** Raw X25519 public key of the spoke, base64. */
      sealingKey: z.string().optional(),
      conditions: z.array(conditionSchema).optional(),
    })
    .optional(),
});

/** A one-time or N-times pass for agents (cluster-scoped kind); the secret itself is stored only as a digest. */
export const enrolmentTokenSchema = z.object({
  apiVersion: z.literal('flotilla.dev/v1alpha1'),
  kind: z.literal('EnrolmentToken'),
  metadata: objectMetaSchema,
  spec: z.object({
    clusterName: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    project: z.string().optional(),
    uses: z.number().int().min(1).optional(),
    expiresAt: z.string(),
    autoAccept: z.boolean().optional(),
    tokenDigest: z.string(),
  }),
  status: z.looseObject({ used: z.number().int().optional() }).optional(),
});

/** Options that stand on `spec` as defaults and on a stage, where they win. Durations are Go text (`30s`). */
export const stageOptionsSchema = z.object({
  maxConcurrent: z.union([z.number().int(), z.string()]).optional(),
  maxFailures: z.union([z.number().int(), z.string()]).optional(),
  soak: z.string().optional(),
  timeout: z.string().optional(),
  approval: z.boolean().optional(),
  offline: z.enum(['park', 'wait', 'fail']).optional(),
  onFailure: z.enum(['pause', 'rollback', 'continue']).optional(),
});

export const rolloutPolicySchema = z.object({
  apiVersion: z.literal('flotilla.dev/v1alpha1'),
  kind: z.literal('RolloutPolicy'),
  metadata: objectMetaSchema,
  spec: stageOptionsSchema.extend({
    stages: z
      .array(
        stageOptionsSchema.extend({
          name: z.string(),
          clusterSelector: labelSelectorSchema.optional(),
          count: z.number().int().min(1).optional(),
          percent: z.number().min(0).max(100).optional(),
          orderBy: z.string().optional(),
        }),
      )
      .min(1),
  }),
});

export const releaseSchema = z.object({
  apiVersion: z.literal('flotilla.dev/v1alpha1'),
  kind: z.literal('Release'),
  metadata: objectMetaSchema,
  spec: z.object({
    owner: z.object({ kind: z.enum(['ApplicationSet', 'Application']), namespace: z.string(), name: z.string(), uid: z.string() }),
    /** Digest of everything the agents act on; equal keys are one release. */
    key: z.string(),
    sequence: z.number().int(),
    revisions: z.array(z.object({ repoURL: z.string(), revision: z.string() })),
    members: z.number().int(),
  }),
  status: z.looseObject({ phase: z.string().optional(), conditions: z.array(conditionSchema).optional() }).optional(),
});

export const rolloutPhaseSchema = z.enum([
  'Pending',
  'Progressing',
  'Soaking',
  'WaitingForApproval',
  'Paused',
  'RollingBack',
  'Completed',
  'Failed',
  'RolledBack',
  'Aborted',
  'Superseded',
]);

/** One run of a release through the stages of its policy; targets and ledger are rows, the document is their summary. */
export const fleetRolloutSchema = z.object({
  apiVersion: z.literal('flotilla.dev/v1alpha1'),
  kind: z.literal('FleetRollout'),
  metadata: objectMetaSchema,
  spec: z.object({
    owner: releaseSchema.shape.spec.shape.owner,
    release: z.string(),
    previousRelease: z.string().optional(),
    policy: z.string(),
    paused: z.boolean().optional(),
  }),
  status: z
    .looseObject({
      phase: rolloutPhaseSchema.optional(),
      stage: z.string().optional(),
      stageIndex: z.number().int().optional(),
      stages: z
        .array(
          z.looseObject({
            name: z.string(),
            phase: z.string(),
            total: z.number().int(),
            healthy: z.number().int(),
            updating: z.number().int(),
            failed: z.number().int(),
            parked: z.number().int(),
          }),
        )
        .optional(),
      /** Of a run that a RollingSync strategy asked for; what the set's own `status.applicationStatus` is written from. */
      applications: z.array(applicationStepStatusSchema).optional(),
      message: z.string().optional(),
      /** Why the run stopped when its own failures stopped it, also while and after it is rolled back; absent when a person did. */
      failure: z.string().optional(),
      since: z.string().optional(),
      conditions: z.array(conditionSchema).optional(),
    })
    .optional(),
});

/** Newest commit of one (repository, ref), for the whole fleet (cluster-scoped kind); created by the renderer for each pair in use. */
export const gitSourceSchema = z.object({
  apiVersion: z.literal('flotilla.dev/v1alpha1'),
  kind: z.literal('GitSource'),
  metadata: objectMetaSchema,
  spec: z.object({ repoURL: z.string(), ref: z.string() }),
  status: z
    .looseObject({
      revision: z.string().optional(),
      observedAt: z.string().optional(),
      /** W3C traceparent of the webhook or poll that saw the commit. */
      traceparent: z.string().optional(),
      conditions: z.array(conditionSchema).optional(),
    })
    .optional(),
});

export type Cluster = z.infer<typeof clusterSchema>;
export type EnrolmentToken = z.infer<typeof enrolmentTokenSchema>;
export type RolloutPolicy = z.infer<typeof rolloutPolicySchema>;
export type StageOptions = z.infer<typeof stageOptionsSchema>;
export type Release = z.infer<typeof releaseSchema>;
export type FleetRollout = z.infer<typeof fleetRolloutSchema>;
export type RolloutPhase = z.infer<typeof rolloutPhaseSchema>;
export type GitSource = z.infer<typeof gitSourceSchema>;

/** The name generators and destinations know a cluster by. */
export const clusterNameOf = (cluster: Cluster): string => cluster.spec.name ?? cluster.metadata.name;

/** The address generators and destinations know a cluster by. */
export function serverOf(cluster: Cluster): string {
  if (cluster.spec.local) return LOCAL_SERVER;
  return cluster.spec.server ?? `flotilla://${cluster.metadata.name}`;
}
export const LOCAL_SERVER = 'https://kubernetes.default.svc';
