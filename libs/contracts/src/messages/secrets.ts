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
        /**
         * JSON text of an HPKE envelope `{enc, ciphertext}` (base64), sealed under `secretContext`. The plaintext is the canonical JSON
         * of the v1 Secret object to write: target's name and namespace, labels, annotations, `type` and `data` (base64).
         */
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

/** Spokes that one `grants-of-many` may ask about, and grants of all of them together: its answer is one message. */
export const MAX_GRANT_ASKS = 100;
export const MAX_HERD_GRANTS = 300;

/** orchestrator `grants-of-many`: as `grants`, for spokes that ask at once; the answers in the order of the asks. */
export const grantsOfManySchema = z.object({ asks: z.array(grantsVerbSchema).max(MAX_GRANT_ASKS) });
export const grantsOfManyReplySchema = z.object({ answers: z.array(grantsVerbReplySchema) });

/** orchestrator `receipts`: which cluster runs which version of granted secrets; of one SecretGrant when `source` names it. */
export const receiptsVerbSchema = z.object({ namespace: z.string().optional(), source: z.string().optional() });
export const receiptsVerbReplySchema = z.object({
  receipts: z.array(
    z.object({
      cluster: z.string(),
      /** `namespace/name` */
      application: z.string(),
      /** Name of the SecretGrant. */
      source: z.string(),
      grant: z.string(),
      /** The version the cluster runs; absent while it runs none. */
      version: z.string().optional(),
      /** Whether that is the one its SecretGrant has. */
      done: z.boolean(),
      message: z.string().optional(),
      /** Absent while the cluster has reported nothing. */
      observedAt: z.string().optional(),
    }),
  ),
});

/** Largest text of a SealedSecret that `verify-sealed` and `rotate-sealed` read. */
export const MAX_SEALED_TEXT = 512 * 1024;

/** How long the broker's verbs for kubeseal may take: who asks first waits for a key, and 4096 bits take a busy machine seconds. */
export const SEALING_TIMEOUT_MS = 30_000;

/** broker `sealing-cert`: what `kubeseal` seals to; of the newest key. */
export const sealingCertReplySchema = z.object({ certificate: z.string() });
/** broker `verify-sealed` and `rotate-sealed`, for `kubeseal --validate` and `--re-encrypt`: a SealedSecret, JSON or YAML. */
export const sealedVerbSchema = z.object({ text: z.string().max(MAX_SEALED_TEXT) });
/** Whether every item opens; `message` names the first that does not. */
export const verifySealedReplySchema = z.object({ valid: z.boolean(), message: z.string().optional() });
/** JSON of the same SealedSecret, in the same scope, sealed to the newest key. */
export const rotateSealedReplySchema = z.object({ text: z.string() });

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
export type GrantsOfMany = z.infer<typeof grantsOfManySchema>;
export type GrantsOfManyReply = z.infer<typeof grantsOfManyReplySchema>;
export type ReceiptsVerb = z.infer<typeof receiptsVerbSchema>;
export type ReceiptsVerbReply = z.infer<typeof receiptsVerbReplySchema>;
