import { InvalidInputError } from '@flotilla/kernel';
import { z } from 'zod';

const joinTokenSchema = z.object({
  v: z.literal(1),
  hub: z.string(),
  ca: z.string(),
  key: z.string(),
  token: z.string(),
  name: z.string().optional(),
});

/** What one string gives an agent: where the hub is, how to know it for sure, and the secret that lets it in. */
export interface JoinToken {
  /** `https://host:port` */
  hub: string;
  /** sha256 (hex) of the DER of the hub's CA certificate. */
  ca: string;
  /** Raw ed25519 public key of the hub, base64. */
  key: string;
  token: string;
  /** Name of the cluster, where the token fixes it. */
  name?: string;
}

const PREFIX = 'flt1.';

export function joinTokenText(token: JoinToken): string {
  return `${PREFIX}${Buffer.from(JSON.stringify({ v: 1, ...token })).toString('base64url')}`;
}

/** The secret of a whole join token, or the text itself where an agent sends the secret alone. */
export function secretOf(text: string): string {
  if (!text.startsWith(PREFIX)) return text;
  let content: unknown;
  try {
    content = JSON.parse(Buffer.from(text.slice(PREFIX.length), 'base64url').toString('utf8'));
  } catch {
    content = undefined;
  }
  const parsed = joinTokenSchema.safeParse(content);
  if (!parsed.success) throw new InvalidInputError('the join token is cut short or changed; copy it again');
  return parsed.data.token;
}
