import { z } from 'zod';

/** Names one request may release; more are released in portions. */
export const MAX_CONFIRMED_DELETIONS = 5000;

/** expander `generate`: what a stored set, or one given as a document, would generate now. Nothing is stored of it but a blob. */
export const generateRequestSchema = z.union([
  z.object({ namespace: z.string(), name: z.string() }),
  z.object({ document: z.record(z.string(), z.unknown()) }),
]);
/** Names of one fate, sorted; those beyond the first MAX_INTENT_NAMES are only counted. */
export const MAX_INTENT_NAMES = 1000;
const namesSchema = z.object({ total: z.number().int(), names: z.array(z.string()).max(MAX_INTENT_NAMES) });

/** What the next reconcile of a stored set does to its applications; `hold` are deletions that the guard keeps for a person. */
export const setIntentSchema = z.object({ create: namesSchema, change: namesSchema, delete: namesSchema, hold: namesSchema });

/** An application that is generated and would not be written. `field` of it, and the generator it comes from: `generators[0].list`. */
export const heldApplicationSchema = z.object({
  name: z.string(),
  reason: z.string(),
  message: z.string(),
  field: z.string().optional(),
  generator: z.string().optional(),
});

/** A set that cannot be expanded is a failure of the verb, with the expansion's code and message. */
export const generateReplySchema = z.object({
  /** Blob: JSON list of Application documents, sorted by name. */
  digest: z.string(),
  count: z.number().int(),
  warnings: z.array(z.string()),
  /** Applications that would not be written, and why; the first 200. */
  held: z.array(heldApplicationSchema),
  /** How many there are; an expander of an earlier version says it not. */
  heldCount: z.number().int().optional(),
  /** Of a stored set only: a document that is not stored owns nothing yet. */
  intent: setIntentSchema.optional(),
});

/** Applications one trace may be asked for by name. */
export const MAX_TRACED_NAMES = 1000;
/** expander `trace`: where the parameters come from; of all applications unless some are named. */
export const traceRequestSchema = z.object({
  of: generateRequestSchema,
  applications: z.array(z.string()).min(1).max(MAX_TRACED_NAMES).optional(),
});
/** Of `plan` and `trace`; both fail where `generate` fails. */
export const explainReplySchema = z.object({
  /** Blob: JSON of a plan with its documents, or of a trace. */
  digest: z.string(),
});

/** expander `confirm-deletes`: releases held deletions by name, once; `restore`: keeps those applications, out of the set. */
export const confirmDeletesRequestSchema = z.object({
  namespace: z.string(),
  name: z.string(),
  names: z.array(z.string()).min(1).max(MAX_CONFIRMED_DELETIONS),
  actor: z.string(),
});
/** expander `confirm-project-delete`: lets the deletion of an AppProject go on that is held; not-found, conflict. */
export const confirmProjectDeleteRequestSchema = z.object({ namespace: z.string(), name: z.string(), actor: z.string() });
export const confirmDeletesReplySchema = z.object({ message: z.string() });

export type GenerateRequest = z.infer<typeof generateRequestSchema>;
export type TraceRequest = z.infer<typeof traceRequestSchema>;
export type ExplainReply = z.infer<typeof explainReplySchema>;
export type SetIntent = z.infer<typeof setIntentSchema>;
export type GenerateReply = z.infer<typeof generateReplySchema>;
export type ConfirmDeletesRequest = z.infer<typeof confirmDeletesRequestSchema>;
export type ConfirmProjectDeleteRequest = z.infer<typeof confirmProjectDeleteRequestSchema>;
export type ConfirmDeletesReply = z.infer<typeof confirmDeletesReplySchema>;
export type HeldApplicationReply = z.infer<typeof heldApplicationSchema>;
