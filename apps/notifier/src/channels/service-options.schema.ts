import { z } from 'zod';

/** Options that services have in common; their descriptions make the reference. */
export const caOption = z
  .string()
  .refine((text) => text.includes('-----BEGIN CERTIFICATE-----'), 'is no PEM certificate')
  .optional()
  .meta({ description: "PEM certificates trusted instead of the system's" });

/** Argo CD can be told to trust everybody; here the authority is named instead. */
export const verifyOption = z
  .literal(false, 'is not supported: certificates are always verified; give the authority that signed it as `ca`')
  .optional()
  .meta({ description: 'Only false' });

export const addressOption = z
  .string()
  .trim()
  .refine(
    (text) => /^https?:$/.test(URL.parse(text)?.protocol ?? ''),
    'is no http or https address; if it is a secret, write `$key` and keep it in argocd-notifications-secret',
  );
