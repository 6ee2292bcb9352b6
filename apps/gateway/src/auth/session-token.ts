import { isObject, type RandomBytes } from '@flotilla/kernel';
import { type Keyring, verifySignature } from '@flotilla/keyring';

/** Who a bearer token stands for, and until when; times in seconds since the epoch. */
export interface SessionClaims {
  sub: string;
  groups: string[];
  iat: number;
  exp: number;
  /** Unique per token. */
  jti: string;
}

const PREFIX = 'flo1';
/** Longer texts are not looked at. */
const MAX_LENGTH = 2_048;

/** Makes a token `flo1.<claims>.<signature>`: signed by the hub, so that any copy can check it without a lookup. */
export function issueToken(keyring: Keyring, claims: Omit<SessionClaims, 'jti'>, random: RandomBytes): string {
  const content = Buffer.from(JSON.stringify({ ...claims, jti: Buffer.from(random(12)).toString('base64url') })).toString('base64url');
  return `${PREFIX}.${content}.${Buffer.from(keyring.sign(signedText(content)), 'base64').toString('base64url')}`;
}

/** The claims of a token that we signed and that has not ended; undefined for any other text. */
export function readToken(keyring: Keyring, token: string, nowMs: number): SessionClaims | undefined {
  const [prefix, content, signature, ...rest] = token.split('.');
  if (token.length > MAX_LENGTH || prefix !== PREFIX || !content || !signature || rest.length > 0) return undefined;
  if (!verifySignature(keyring.signingKey, signedText(content), Buffer.from(signature, 'base64url').toString('base64'))) return undefined;
  const claims: unknown = JSON.parse(Buffer.from(content, 'base64url').toString('utf8'));
  return isClaims(claims) && claims.exp * 1000 > nowMs ? claims : undefined;
}

/** The signing key also signs desired documents: the purpose keeps one from passing for the other. */
function signedText(content: string): string {
  return `session-token\n${content}`;
}

function isClaims(value: unknown): value is SessionClaims {
  return (
    isObject(value) &&
    typeof value.sub === 'string' &&
    value.sub !== '' &&
    Array.isArray(value.groups) &&
    typeof value.exp === 'number' &&
    typeof value.iat === 'number'
  );
}
