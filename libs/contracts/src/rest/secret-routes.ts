import { z } from 'zod';
import { receiptsVerbReplySchema } from '../messages/secrets.js';
import { document, type RestRoute, route } from './rest-route.js';

/** Which secrets are read anew at once; at least one of them. */
export const rotateSecretsSchema = z.object({
  namespace: z.string().optional(),
  /** Of a SecretGrant, or of the object that asks for the secret, or of the Secret itself. */
  name: z.string().optional(),
  /** Label selector over SecretGrants. */
  selector: z.string().optional(),
  /** `NAME` or `KIND/NAME` of a store. */
  store: z.string().optional(),
});

/** Secrets by their documents: SecretGrants name a secret and its version, never a value. */
export const SECRET_ROUTES: readonly RestRoute[] = [
  route('listSecrets', 'GET', '/v1/secrets', 'Secrets that released applications ask for', {
    query: z.object({
      namespace: z.string().optional(),
      selector: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(1000).optional(),
      continue: z.string().optional(),
    }),
    response: z.object({ items: z.array(document), continue: z.string().optional() }),
  }),
  route('rotateSecrets', 'POST', '/v1/secrets/rotate', 'Read secrets from their providers now', {
    request: rotateSecretsSchema,
    response: z.object({ message: z.string(), grants: z.array(z.string()) }),
  }),
  route('listSecretReceipts', 'GET', '/v1/secrets/receipts', 'Which cluster runs which version of a secret', {
    query: z.object({ namespace: z.string().optional(), source: z.string().optional() }),
    response: receiptsVerbReplySchema,
  }),
];

export type RotateSecrets = z.infer<typeof rotateSecretsSchema>;
