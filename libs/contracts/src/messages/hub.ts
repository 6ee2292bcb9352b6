import { z } from 'zod';
import { signedHeaderSchema } from './desired.js';

/** Failure of a hub verb, in the reply. `code` is a FlotillaError code. */
export const verbErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  retry: z.enum(['never', 'later', 'reread']).optional(),
  /** Where it is wrong, for those who show a place: the generator of a set, a field, a file and its line. */
  place: z
    .object({ generator: z.string().optional(), field: z.string().optional(), file: z.string().optional(), line: z.number().optional() })
    .optional(),
});

/** The reply of a verb: the answer, or what refused it. */
export const orRefused = <T extends z.ZodType>(answer: T) => z.union([z.object({ error: verbErrorSchema }), answer]);

const commitOf = z.object({ repoURL: z.string(), ref: z.string(), commit: z.string() });

/** renderer `render`: bundles for applications at pinned commits; equal inputs are rendered once. */
export const renderRequestSchema = z.object({
  items: z
    .array(
      z.object({
        namespace: z.string(),
        name: z.string(),
        uid: z.string(),
        /** One per source, in order: the commit to render. */
        commits: z.array(z.string()),
        kubernetesVersion: z.string().optional(),
        apiVersions: z.array(z.string()).optional(),
        /** `broker`: objects that ask for secrets become references of the bundle; default `cluster`. */
        secrets: z.enum(['broker', 'cluster']).optional(),
      }),
    )
    .max(500),
});
export const renderReplySchema = z.object({
  items: z.array(
    z.union([
      z.object({
        uid: z.string(),
        bundle: z.string(),
        renderKey: z.string(),
        objects: z.number().int(),
        /** Warning conditions: NonDeterministic, HookSkipped, LatestTag, LookupEmpty, PlainSecret, tool warnings. */
        conditions: z.array(z.object({ type: z.string(), message: z.string() })),
      }),
      z.object({ uid: z.string(), error: verbErrorSchema }),
    ]),
  ),
});

/** renderer `resolve`: the newest known commit per (repository, ref), fetching those never seen. `fetch` forces a fetch now. */
export const resolveRequestSchema = z.object({
  refs: z.array(z.object({ repoURL: z.string(), ref: z.string(), project: z.string().optional() })).max(500),
  fetch: z.boolean().optional(),
});
export const resolveReplySchema = z.object({
  refs: z.array(z.union([commitOf, z.object({ repoURL: z.string(), ref: z.string(), error: verbErrorSchema })])),
});

/**
 * renderer `pushed`: a webhook announced a push to one repository, in every spelling its sender knows; answered when the
 * announcement is stored. `sources`: how many follow the repository.
 */
export const pushedRequestSchema = z.object({ repoURLs: z.array(z.string().max(2000)).min(1).max(10) });
export const pushedReplySchema = z.object({ sources: z.number().int() });

/** renderer `directories` and `files`: listings of a commit, stored as one JSON blob whose digest comes back. */
/** Without a project, only repositories whose credential belongs to no project are listed. */
export const directoriesRequestSchema = z.object({ repoURL: z.string(), commit: z.string(), project: z.string().optional() });
export const filesRequestSchema = directoriesRequestSchema.extend({
  patterns: z.array(z.string()).min(1),
  exclude: z.array(z.string()),
  /** How patterns are read: git pathspecs (the default), or Argo CD's "new git file globbing". */
  globs: z.enum(['pathspec', 'doublestar']).optional(),
});
/** `directories` blob: string[]; `files` blob: {path, text}[], sorted by path. */
export const listingReplySchema = z.union([z.object({ digest: z.string() }), z.object({ error: verbErrorSchema })]);

/**
 * orchestrator `position`: where a cluster's stored document stands. `held` is the signed header a `hello` showed: one of our own key
 * that is newer than what is stored proves that this hub was restored from a backup, and the cluster is held in observe mode.
 */
export const positionRequestSchema = z.object({ cluster: z.string(), held: signedHeaderSchema.optional() });
export const positionReplySchema = z
  .object({
    epoch: z.number().int(),
    generation: z.number().int(),
    /** The cluster is held: its document is not written. */ observe: z.boolean(),
  })
  .partial();

/** registry `enrol` (asked by the gateway for an agent that shows a token). */
export const enrolRequestSchema = z.object({
  /** The whole join token, or its secret alone. */
  token: z.string().max(4_096),
  publicNkey: z.string().max(100),
  sealingKey: z.string().max(100),
  clusterUid: z.string().max(253).optional(),
  /** Cluster name the agent proposes; a token that names its cluster wins. */
  name: z.string().max(253).optional(),
  remoteAddress: z.string().optional(),
});
/** How long an enrolment may wait for its turn, in ms; an agent waits five seconds longer for its answer. */
export const ENROL_TIMEOUT_MS = 25_000;
export const enrolReplySchema = z.union([
  z.object({
    spokeId: z.string(),
    cluster: z.string(),
    fleet: z.string(),
    /** NATS URLs the agent dials, the CA it trusts (PEM) and its credential. */
    natsUrls: z.array(z.string()),
    natsCa: z.string().optional(),
    userJwt: z.string(),
    /** Hub signing key the agent pins: raw ed25519, base64. */
    signingKey: z.string(),
    accepted: z.boolean(),
  }),
  z.object({ error: verbErrorSchema }),
]);
/** registry `renew`: `signature` is the nkey's over `<spokeId>.<issuedAt>`; works after the JWT expired, not after revocation. */
export const renewRequestSchema = z.object({ spokeId: z.string().max(100), issuedAt: z.number(), signature: z.string().max(200) });
export const renewReplySchema = z.union([
  z.object({ userJwt: z.string(), natsUrls: z.array(z.string()) }),
  z.object({ error: verbErrorSchema }),
]);

export type RenderRequest = z.infer<typeof renderRequestSchema>;
export type RenderReply = z.infer<typeof renderReplySchema>;
export type ResolveRequest = z.infer<typeof resolveRequestSchema>;
export type ResolveReply = z.infer<typeof resolveReplySchema>;
export type PushedRequest = z.infer<typeof pushedRequestSchema>;
export type PushedReply = z.infer<typeof pushedReplySchema>;
export type EnrolRequest = z.infer<typeof enrolRequestSchema>;
export type EnrolReply = z.infer<typeof enrolReplySchema>;
export type VerbError = z.infer<typeof verbErrorSchema>;
