import { z } from 'zod';

/** Verbs of the registry for people; failures are thrown with the codes named here. `enrol` and `renew` stand in hub.ts. */

/** `createToken`: a pass for agents. The token itself is in this reply and nowhere else. */
export const createTokenRequestSchema = z.object({
  /** Cluster the agent shall become; required unless `uses` is more than 1. */
  cluster: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  project: z.string().optional(),
  uses: z.number().int().min(1).max(10_000).optional(),
  /** Default 24 hours. */
  ttlMs: z
    .number()
    .int()
    .min(60_000)
    .max(365 * 86_400_000)
    .optional(),
  /** Default: true for a single use, false for several. */
  autoAccept: z.boolean().optional(),
  /** The hub as the agent shall reach it, where it differs from the registry's configuration. */
  hub: z.string().optional(),
  /** sha256 (hex) of the DER of the hub's CA certificate, likewise. */
  ca: z.string().optional(),
});
export const createTokenReplySchema = z.object({
  /** Name of the EnrolmentToken document. */
  name: z.string(),
  /** `flt1.` and base64url JSON `{v, hub, ca, key, token, name?}`: what `flotilla agent --join` takes. */
  token: z.string(),
  cluster: z.string().optional(),
  expiresAt: z.string(),
});

/** `listTokens` */
export const listTokensRequestSchema = z.object({});
export const listTokensReplySchema = z.object({
  tokens: z.array(
    z.object({
      name: z.string(),
      cluster: z.string().optional(),
      project: z.string().optional(),
      uses: z.number().int(),
      used: z.number().int(),
      expiresAt: z.string(),
      isExpired: z.boolean(),
    }),
  ),
});

/** `accept` (also ends a quarantine), `revoke`, `remove`, `confirmDelete` (of a deletion that is held): not-found, conflict. */
export const clusterVerbRequestSchema = z.object({ cluster: z.string(), actor: z.string().optional() });
export const clusterVerbReplySchema = z.object({
  cluster: z.string(),
  /** For `remove`: whether the deletion is held. */
  isHeld: z.boolean().optional(),
  /** For `revoke`, and where the cluster is gone: false when no NATS server confirmed the cut yet; it is tried on until one does. */
  isCut: z.boolean().optional(),
});

/** `bind`: the agent enrolled as cluster `from` becomes the agent of `to`, a cluster without one; `from` goes. */
export const bindRequestSchema = z.object({ from: z.string(), to: z.string(), actor: z.string().optional() });

export type CreateTokenRequest = z.infer<typeof createTokenRequestSchema>;
export type CreateTokenReply = z.infer<typeof createTokenReplySchema>;
export type ListTokensReply = z.infer<typeof listTokensReplySchema>;
export type ClusterVerbRequest = z.infer<typeof clusterVerbRequestSchema>;
export type ClusterVerbReply = z.infer<typeof clusterVerbReplySchema>;
export type BindRequest = z.infer<typeof bindRequestSchema>;
