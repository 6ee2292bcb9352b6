import { caProviderSchema } from '@flotilla/contracts';
import { z } from 'zod';

const secretRef = z.object({ name: z.string(), key: z.string().optional(), namespace: z.string().optional() });

/** As ESO's users write it (apis/externalsecrets/v1 VaultProvider). */
export const vaultSchema = z.object({
  server: z.string(),
  /** Mount of the KV engine; without it a key begins with it. */
  path: z.string().optional(),
  version: z.enum(['v1', 'v2']).default('v2'),
  namespace: z.string().optional(),
  /** base64 of PEM certificates. */
  caBundle: z.string().optional(),
  caProvider: caProviderSchema.optional(),
  headers: z.record(z.string(), z.string()).optional(),
  auth: z.looseObject({
    /** Namespace to log in to, where it is another than that of the values. */
    namespace: z.string().optional(),
    tokenSecretRef: secretRef.optional(),
    appRole: z
      .object({ path: z.string().default('approle'), roleId: z.string().optional(), roleRef: secretRef.optional(), secretRef })
      .optional(),
    kubernetes: z
      .looseObject({ mountPath: z.string().default('kubernetes'), role: z.string(), secretRef: secretRef.optional() })
      .optional(),
  }),
});
export type VaultSpec = z.output<typeof vaultSchema>;
