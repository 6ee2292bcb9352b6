import { z } from 'zod';
import { healthStatusSchema, operationPhaseSchema, syncStatusSchema } from '../documents/application.js';
import { signedHeaderSchema } from './desired.js';

/** Refusal codes any spoke request may get; everything else in a reply is then absent. */
export const refusalSchema = z.object({
  code: z.enum(['superseded', 'quarantined', 'revoked', 'pending', 'unknown-spoke', 'snapshot', 'unavailable', 'invalid']),
  message: z.string(),
});

export const positionSchema = z.object({ epoch: z.number().int(), generation: z.number().int() });

/** `hello`, request */
export const helloRequestSchema = z.object({
  instanceId: z.string(),
  /** Counts the hellos of the instance; older agents do not say. */
  attempt: z.number().int().positive().optional(),
  agentVersion: z.string(),
  clusterUid: z.string(),
  kubernetesVersion: z.string(),
  /** `group/version` and `group/version/Kind`, as Helm's --api-versions takes them. */
  apiVersions: z.array(z.string()),
  /** `group/Kind` of every served kind without namespaces; older agents do not say. */
  clusterKinds: z.array(z.string()).optional(),
  held: signedHeaderSchema.optional(),
});
export const helloReplySchema = z.union([
  z.object({ error: refusalSchema }),
  z.object({
    session: z.number().int(),
    fleet: z.string(),
    cluster: z.string(),
    current: positionSchema.optional(),
    beatIntervalMs: z.number(),
    leaseMs: z.number(),
    snapshotDelayMs: z.number(),
    hubTime: z.number(),
  }),
]);

/** `beat`, publish */
export const beatSchema = z.object({
  session: z.number().int(),
  position: positionSchema.optional(),
  ackedSeq: z.number().int(),
  apps: z.number().int(),
  unhealthy: z.number().int(),
});

/** `wake`, hub publishes; `document` only when the compressed body is at most 32 KiB. */
export const wakeSchema = positionSchema.extend({
  document: z.object({ signed: signedHeaderSchema, /** zstd, base64 */ body: z.string() }).optional(),
});

/** `desired`, request. The reply's payload bytes are one part of the zstd body, its META_HEADER the reply meta. */
export const desiredRequestSchema = z.object({
  session: z.number().int(),
  held: positionSchema.optional(),
  /** Continue this document at this byte of its compressed body. */
  from: positionSchema.extend({ offset: z.number().int() }).optional(),
});
export const desiredReplySchema = z.union([
  z.object({ error: refusalSchema }),
  z.object({ current: z.literal(true) }),
  z.object({ signed: signedHeaderSchema, offset: z.number().int(), totalBytes: z.number().int() }),
]);

/** `blobs`, request: as many of `wants` as fit one part come back, concatenated zstd frames in order. */
export const blobsRequestSchema = z.object({
  session: z.number().int(),
  app: z.string(),
  bundle: z.string(),
  wants: z.array(z.object({ digest: z.string(), offset: z.number().int() })).max(2000),
});
export const blobsReplySchema = z.union([
  z.object({ error: refusalSchema }),
  z.object({
    parts: z.array(
      z.object({
        digest: z.string(),
        offset: z.number().int(),
        length: z.number().int(),
        totalBytes: z.number().int(),
        /** Present for Secret objects: the bytes are an envelope sealed to the spoke; the hub's signature binds it to the digest. */
        sealed: z.object({ signature: z.string() }).optional(),
      }),
    ),
  }),
]);

export const resourceStatusSchema = z.object({
  /** `group/Kind/namespace/name` */
  key: z.string(),
  version: z.string(),
  sync: syncStatusSchema,
  health: healthStatusSchema.optional(),
  message: z.string().optional(),
  requiresPruning: z.boolean().optional(),
  hook: z.boolean().optional(),
});

export const appStatusSchema = z.object({
  uid: z.string(),
  release: z.string(),
  bundle: z.string(),
  sync: syncStatusSchema,
  health: healthStatusSchema,
  message: z.string().optional(),
  conditions: z.array(z.object({ type: z.string(), message: z.string() })).optional(),
  operation: z
    .object({
      id: z.string(),
      phase: operationPhaseSchema,
      message: z.string().optional(),
      startedAt: z.string(),
      finishedAt: z.string().optional(),
    })
    .optional(),
  observedAt: z.string(),
  /** Objects whose row changed since the last acknowledged batch. */
  resources: z.array(resourceStatusSchema).optional(),
  goneResources: z.array(z.string()).optional(),
  /** First part of a complete listing: rows not sent again by the last part are dropped. */
  complete: z.boolean().optional(),
});

/** What became of one grant on the spoke: `version` is that of the value applied last, absent while none was. */
export const secretReceiptSchema = z.object({
  grant: z.string(),
  version: z.string().optional(),
  done: z.boolean(),
  /** Why it is not done; never a value. */
  message: z.string().optional(),
  observedAt: z.string(),
});

/** `status`, request; at most MAX_STATUS_BYTES, one in flight, answered after commit. */
export const statusBatchSchema = z.object({
  session: z.number().int(),
  seq: z.number().int(),
  /** The first batch of a snapshot: applications the snapshot does not name are forgotten when its last batch (`snapshot: end`) is in. */
  snapshot: z.enum(['start', 'part', 'end', 'whole']).optional(),
  apps: z.array(appStatusSchema),
  gone: z.array(z.string()),
  /** Applications with objects on the spoke that the document names nowhere. */
  unassigned: z.array(z.object({ uid: z.string(), name: z.string(), objects: z.number().int() })).optional(),
  receipts: z.array(
    z.object({
      kind: z.literal('removal'),
      uid: z.string(),
      mode: z.enum(['prune', 'orphan']),
      done: z.boolean(),
      message: z.string().optional(),
      remaining: z.array(z.string()).optional(),
    }),
  ),
  /** Which version of a grant's value the cluster runs: said when it changed, and of every grant in a snapshot. */
  secrets: z.array(secretReceiptSchema).optional(),
  traceparent: z.string().optional(),
});
export const statusReplySchema = z.union([z.object({ error: refusalSchema }), z.object({ seq: z.number().int() })]);

/** `ask`, hub publishes; the answers go to answerSubject(spoke, token, n), the last one marked. */
export const askSchema = z.object({
  token: z.string(),
  verb: z.enum(['snapshot', 'stop', 'live', 'tree', 'diff', 'refresh']),
  app: z.string().optional(),
  /** For `live`: `group/Kind/namespace/name`. */
  resource: z.string().optional(),
});
export const answerSchema = z.object({
  n: z.number().int(),
  last: z.boolean(),
  error: refusalSchema.optional(),
  /** JSON; Secret values are masked by the agent before they leave the spoke. */
  content: z.unknown(),
});

export type HelloRequest = z.infer<typeof helloRequestSchema>;
export type HelloReply = z.infer<typeof helloReplySchema>;
export type Beat = z.infer<typeof beatSchema>;
export type Wake = z.infer<typeof wakeSchema>;
export type DesiredRequest = z.infer<typeof desiredRequestSchema>;
export type DesiredReply = z.infer<typeof desiredReplySchema>;
export type BlobsRequest = z.infer<typeof blobsRequestSchema>;
export type BlobsReply = z.infer<typeof blobsReplySchema>;
export type ResourceStatus = z.infer<typeof resourceStatusSchema>;
export type AppStatus = z.infer<typeof appStatusSchema>;
export type SecretReceipt = z.infer<typeof secretReceiptSchema>;
export type StatusBatch = z.infer<typeof statusBatchSchema>;
export type StatusReply = z.infer<typeof statusReplySchema>;
export type Ask = z.infer<typeof askSchema>;
export type Answer = z.infer<typeof answerSchema>;
export type Position = z.infer<typeof positionSchema>;
export type Refusal = z.infer<typeof refusalSchema>;

/** True when a is newer than b; documents are ordered by epoch, then generation. */
export function isNewer(a: Position, b: Position | undefined): boolean {
  return b === undefined || a.epoch > b.epoch || (a.epoch === b.epoch && a.generation > b.generation);
}
