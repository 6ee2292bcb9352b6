import { z } from 'zod';
import { ignoreDifferenceSchema, operationSchema, syncPolicySchema } from '../documents/application.js';

const digest = z.string().regex(/^[0-9a-f]{64}$/);

/** What is signed: ed25519 over the canonical JSON of this header. Documents are ordered by (epoch, generation). */
export const desiredHeaderSchema = z.object({
  fleet: z.string(),
  spoke: z.string(),
  cluster: z.string(),
  epoch: z.number().int(),
  generation: z.number().int(),
  /** sha256 of the uncompressed body text. */
  bodyDigest: digest,
  bodyBytes: z.number().int(),
  issuedAt: z.string(),
});

export const signedHeaderSchema = z.object({
  header: desiredHeaderSchema,
  /** base64 */
  signature: z.string(),
});

export const desiredAppSchema = z.object({
  uid: z.string(),
  namespace: z.string(),
  name: z.string(),
  project: z.string(),
  release: z.string(),
  revision: z.string(),
  bundle: digest,
  /** Namespace that namespaced objects without one go to. */
  destinationNamespace: z.string(),
  syncPolicy: syncPolicySchema.optional(),
  ignoreDifferences: z.array(ignoreDifferenceSchema).optional(),
  /** Approves pruning of Namespace, CRD, PV and PVC objects (`argocd.argoproj.io/deletion-approved`). */
  deletionApproved: z.boolean().optional(),
  /** False: compare and report, apply nothing until an operation says so. */
  apply: z.boolean(),
  /** A sync somebody asked for; carried out once per id. */
  operation: operationSchema.extend({ id: z.string() }).optional(),
  /** W3C trace context of the commit or edit behind this assignment. */
  traceparent: z.string().optional(),
});

export const removalSchema = z.object({
  uid: z.string(),
  namespace: z.string(),
  name: z.string(),
  mode: z.enum(['prune', 'orphan']),
  /** Approves pruning of Namespace, CRD, PV and PVC objects of the removed application. */
  deletionApproved: z.boolean().optional(),
});

/**
 * One secret that a spoke's document lets it have: the value of a SecretGrant, written as one Secret. Without `version` nobody has
 * read a value yet.
 */
export const grantSchema = z.object({
  /** Stable for the same object of the same application. */
  id: z.string(),
  /** uid of the application that renders `from`. */
  app: z.string(),
  /** Name of the SecretGrant, in the application's namespace on the hub. */
  source: z.string(),
  /** The rendered object that asks for the secret. */
  from: z.object({ kind: z.enum(['ExternalSecret', 'SealedSecret']), namespace: z.string(), name: z.string() }),
  /** The Secret to write; the namespace is always given. */
  target: z.object({ namespace: z.string(), name: z.string() }),
  wave: z.number().int(),
  /** `Owner`: pruned with its grant. `Orphan`: stays. `Merge`: only the given keys of a Secret that exists. */
  creationPolicy: z.enum(['Owner', 'Orphan', 'Merge']),
  /** Keyed digest (HMAC-SHA256, hex) of the Secret's content: equal versions are equal values, and nothing can be guessed from one. */
  version: z.string().optional(),
});

/** Everything one spoke shall run. An application in neither list keeps its objects and is reported `unassigned`. */
export const desiredBodySchema = z.object({
  apps: z.array(desiredAppSchema),
  grants: z.array(grantSchema),
  removals: z.array(removalSchema),
});

/**
 * A bundle: the ordered objects of one rendered application, itself a blob of canonical JSON.
 * `digest` is the sha256 of the object's canonical JSON; where `sealed`, an HMAC of it (Secret objects).
 */
export const bundleItemSchema = z.object({
  group: z.string(),
  version: z.string(),
  kind: z.string(),
  /** As rendered: empty for cluster-scoped objects and for objects that take the destination namespace. */
  namespace: z.string(),
  name: z.string(),
  digest,
  sealed: z.boolean().optional(),
  wave: z.number().int(),
  /** Argo CD hook types (PreSync, Sync, ...) or Helm's mapped to them; absent for ordinary objects. */
  hook: z.array(z.string()).optional(),
  /** `argocd.argoproj.io/sync-options` of the object, split. */
  options: z.array(z.string()).optional(),
});
export const bundleSchema = z.object({
  items: z.array(bundleItemSchema),
  /** Rendered objects that ask the hub's broker for secrets: never applied, each stands for a grant. Absent where there are none. */
  references: z.array(bundleItemSchema).optional(),
});

export type DesiredHeader = z.infer<typeof desiredHeaderSchema>;
export type SignedHeader = z.infer<typeof signedHeaderSchema>;
export type DesiredApp = z.infer<typeof desiredAppSchema>;
export type DesiredBody = z.infer<typeof desiredBodySchema>;
export type Grant = z.infer<typeof grantSchema>;
export type Removal = z.infer<typeof removalSchema>;
export type BundleItem = z.infer<typeof bundleItemSchema>;
export type Bundle = z.infer<typeof bundleSchema>;
