import { z } from 'zod';

/** A key of a Secret, as generators name tokens (`tokenRef`, `appPasswordRef`, `passwordRef`, ...). */
export const secretRefSchema = z.strictObject({ secretName: z.string().min(1), key: z.string().min(1) });
export type SecretRef = z.infer<typeof secretRefSchema>;

/** A key of a ConfigMap that holds PEM certificates (`caRef`). */
export const configMapRefSchema = z.strictObject({ configMapName: z.string().min(1), key: z.string().min(1) });
export type ConfigMapRef = z.infer<typeof configMapRefSchema>;

export const basicAuthSchema = z.strictObject({ username: z.string().min(1), passwordRef: secretRefSchema });
export const bearerTokenSchema = z.strictObject({ tokenRef: secretRefSchema });

/** How a host wants to be shown a secret: the `Authorization` header it makes of one. */
export interface Login {
  ref: SecretRef;
  authorization(secret: string): string;
}

/** Where an API is and how it is entered, from a provider's specification. */
export interface Access {
  /** Base address of the API. */
  base: string;
  /** None: the host is asked without a token. */
  login: Login | undefined;
  caRef?: ConfigMapRef | undefined;
  /** `insecure: true` of the specification; refused. */
  insecure?: boolean | undefined;
}

/**
 * Secrets and certificates as the owner of one generator may use them. A generator's author chooses the address a token is
 * sent to, so an implementation gives a secret only for an origin it is meant for.
 */
export interface ScmSecrets {
  /** @param origin scheme, host and port. @throws when there is no such secret, or it is not for this origin */
  token(ref: SecretRef, origin: string): Promise<string>;
  /** PEM text. */
  certificates(ref: ConfigMapRef): Promise<string>;
}

export function bearerLogin(ref: SecretRef | undefined, word = 'Bearer'): Login | undefined {
  return ref && { ref, authorization: (secret) => `${word} ${secret}` };
}

export function basicLogin(username: string, ref: SecretRef): Login {
  return { ref, authorization: (secret) => `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}` };
}

export function loginOf(spec: {
  basicAuth?: z.infer<typeof basicAuthSchema>;
  bearerToken?: z.infer<typeof bearerTokenSchema>;
}): Login | undefined {
  if (spec.bearerToken) return bearerLogin(spec.bearerToken.tokenRef);
  return spec.basicAuth && basicLogin(spec.basicAuth.username, spec.basicAuth.passwordRef);
}
