import { z } from 'zod';

/** Names one request may release; more are released in portions. */
export const MAX_CONFIRMED_DELETIONS = 5000;

/** expander `generate`: what a stored set, or one given as a document, would generate now. Nothing is stored of it but a blob. */
export const generateRequestSchema = z.union([
  z.object({ namespace: z.string(), name: z.string() }),
  z.object({ document: z.record(z.string(), z.unknown()) }),
]);
/** A set that cannot be expanded is a failure of the verb, with the expansion's code and message. */
export const generateReplySchema = z.object({
  /** Blob: JSON list of Application documents, sorted by name. */
  digest: z.string(),
  count: z.number().int(),
  warnings: z.array(z.string()),
  /** Applications that would not be written, and why; the first 200. */
  held: z.array(z.object({ name: z.string(), reason: z.string(), message: z.string() })),
});

/** expander `confirm-deletes`: releases held deletions by name, once. */
export const confirmDeletesRequestSchema = z.object({
  namespace: z.string(),
  name: z.string(),
  names: z.array(z.string()).min(1).max(MAX_CONFIRMED_DELETIONS),
  actor: z.string(),
});
export const confirmDeletesReplySchema = z.object({ message: z.string() });

export type GenerateRequest = z.infer<typeof generateRequestSchema>;
export type GenerateReply = z.infer<typeof generateReplySchema>;
export type ConfirmDeletesRequest = z.infer<typeof confirmDeletesRequestSchema>;
export type ConfirmDeletesReply = z.infer<typeof confirmDeletesReplySchema>;
