import { canonicalJson, type Digest, digestBytes } from '@flotilla/kernel';
import { z } from 'zod';
import { type Grant, grantSchema } from './desired.js';
import { refusalSchema } from './spoke.js';

/** Grants one `secrets` request may name. */
export const MAX_SECRET_WANTS = 200;

/** `secrets`, request: the values of grants in the spoke's own document. */
export const secretsRequestSchema = z.object({
  session: z.number().int(),
  wants: z.array(z.object({ grant: z.string(), version: z.string() })).max(MAX_SECRET_WANTS),
});

/** Why one grant of a request got no envelope: `moved` says that a newer document with another version is on its way. */
export const secretRefusalSchema = z.object({
  grant: z.string(),
  code: z.enum(['not-granted', 'moved', 'unavailable']),
  message: z.string(),
});

/** As many envelopes as fit one part, in the order of `wants`; what is in neither list has to be asked for again. */
export const secretsReplySchema = z.union([
  z.object({ error: refusalSchema }),
  z.object({
    envelopes: z.array(
      z.object({
        grant: z.string(),
        version: z.string(),
        /** JSON text of an HPKE envelope `{enc, ciphertext}` (base64). */
        envelope: z.string(),
        /** The hub's ed25519 signature (base64) of `secretStatement`. */
        signature: z.string(),
      }),
    ),
    refused: z.array(secretRefusalSchema),
  }),
]);

/** orchestrator `grants`, asked by the broker: who a spoke is, and which of these grants its stored document holds. */
export const grantsVerbSchema = z.object({
  spoke: z.string(),
  session: z.number().int(),
  grants: z.array(z.string()).max(MAX_SECRET_WANTS),
});
export const grantsVerbReplySchema = z.union([
  z.object({ error: refusalSchema }),
  z.object({
    fleet: z.string(),
    cluster: z.string(),
    /** Raw X25519 public key of the spoke, base64. */
    sealingKey: z.string(),
    /** Those of the document, with the namespace of the application and so of the SecretGrant. */
    grants: z.array(grantSchema.extend({ namespace: z.string() })),
  }),
]);

/** Associated data of a secret's envelope: opening it as anything else, anywhere else or as another version fails. */
export function secretContext(
  fleet: string,
  spoke: string,
  { id, target, version }: Pick<Grant, 'id' | 'target'> & { version: string },
): Readonly<Record<string, string>> {
  return { purpose: 'secret', fleet, spoke, grant: id, target: `${target.namespace}/${target.name}`, version };
}

/** What the hub signs for one envelope: which bytes are which version of which grant, for one spoke. */
export function secretStatement(spoke: string, grant: string, version: string, envelopeText: string): string {
  const envelope: Digest = digestBytes(envelopeText);
  return canonicalJson({ envelope, grant, purpose: 'secret', spoke, version });
}

export type SecretsRequest = z.infer<typeof secretsRequestSchema>;
export type SecretsReply = z.infer<typeof secretsReplySchema>;
export type SecretRefusal = z.infer<typeof secretRefusalSchema>;
export type GrantsVerb = z.infer<typeof grantsVerbSchema>;
export type GrantsVerbReply = z.infer<typeof grantsVerbReplySchema>;
