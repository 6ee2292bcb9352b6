import { createHash } from 'node:crypto';
import { base32 } from './base32.js';
import type { Nkey } from './nkey.js';

/** What a NATS user may do: allow-lists only. An empty list allows nothing; the server reads an absent one as everything. */
export interface NatsPermissions {
  publish: readonly string[];
  subscribe: readonly string[];
}

export interface OperatorClaims {
  name: string;
  operator: Nkey;
  systemAccount: string;
  issuedAtSeconds: number;
}

/** Operator JWT, signed by itself. */
export function operatorJwt({ name, operator, systemAccount, issuedAtSeconds }: OperatorClaims): string {
  const nats = { system_account: systemAccount, type: 'operator', version: 2 };
  return encode({ iat: issuedAtSeconds, iss: operator.publicKey, name, sub: operator.publicKey, nats }, operator);
}

export interface AccountClaims {
  name: string;
  account: string;
  operator: Nkey;
  issuedAtSeconds: number;
  /** Connections at once, -1 for any number: without explicit limits a server allows none. */
  maxConnections: number;
  /** Public user nkey -> credentials issued at or before this second are refused and their connections cut. */
  revocations?: Readonly<Record<string, number>>;
}

/** Account JWT without JetStream, imports, exports and leaf nodes. */
export function accountJwt({ name, account, operator, issuedAtSeconds, maxConnections, revocations }: AccountClaims): string {
  const limits = { subs: -1, data: -1, payload: -1, imports: 0, exports: 0, wildcards: false, conn: maxConnections, leaf: 0 };
  const nats = {
    limits,
    ...(revocations && Object.keys(revocations).length > 0 ? { revocations } : {}),
    default_permissions: { pub: {}, sub: {} },
    type: 'account',
    version: 2,
  };
  return encode({ iat: issuedAtSeconds, iss: operator.publicKey, name, sub: account, nats }, operator);
}

export interface UserClaims {
  name: string;
  /** Public nkey of the user. */
  user: string;
  account: Nkey;
  issuedAtSeconds: number;
  expiresAtSeconds?: number;
  permissions: NatsPermissions;
  /** Subscriptions per connection and bytes per message; -1 for no limit of the user's own. */
  maxSubscriptions?: number;
  maxPayloadBytes?: number;
}

/** User JWT signed by its account's key. */
export function userJwt(claims: UserClaims): string {
  const { name, user, account, issuedAtSeconds, expiresAtSeconds, permissions, maxSubscriptions = -1, maxPayloadBytes = -1 } = claims;
  const nats = {
    pub: allowOnly(permissions.publish),
    sub: allowOnly(permissions.subscribe),
    subs: maxSubscriptions,
    data: -1,
    payload: maxPayloadBytes,
    type: 'user',
    version: 2,
  };
  const expiry = expiresAtSeconds === undefined ? {} : { exp: expiresAtSeconds };
  return encode({ iat: issuedAtSeconds, iss: account.publicKey, name, sub: user, ...expiry, nats }, account);
}

/** An empty allow-list would mean no restriction to the server, so it becomes the denial of everything. */
function allowOnly(subjects: readonly string[]): { allow?: readonly string[]; deny?: readonly string[] } {
  return subjects.length > 0 ? { allow: subjects } : { deny: ['>'] };
}

function encode(claims: Record<string, unknown>, signer: Nkey): string {
  // The server ignores how a jti is made; nats-io/jwt hashes the claims with an empty one.
  const jti = base32(createHash('sha512-256').update(JSON.stringify(claims)).digest());
  const body = `${segment({ typ: 'JWT', alg: 'ed25519-nkey' })}.${segment({ jti, ...claims })}`;
  return `${body}.${signer.sign(body).toString('base64url')}`;
}

const segment = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** Claims of a NATS JWT as written, unchecked: for reading one's own credential's expiry. Undefined when it is no JWT. */
export function readNatsJwt(jwt: string): { name?: string; sub?: string; iat?: number; exp?: number } | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return typeof claims === 'object' && claims !== null ? claims : undefined;
  } catch {
    return undefined;
  }
}
