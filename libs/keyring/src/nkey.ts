import { randomBytes } from 'node:crypto';
import { InvalidInputError } from '@flotilla/kernel';
import { base32, fromBase32 } from './base32.js';
import { ed25519FromSeed, verifyEd25519 } from './ed25519.js';

/** NATS' key kinds by the letter of their public form (nats-io/nkeys: prefix bytes). */
const PREFIXES = { operator: 14 << 3, account: 0, user: 20 << 3 } as const;
const SEED_PREFIX = 18 << 3;
const RAW_BYTES = 32;

export type NkeyKind = keyof typeof PREFIXES;

/** A NATS ed25519 key pair. */
export interface Nkey {
  readonly kind: NkeyKind;
  /** `O...`, `A...` or `U...` */
  readonly publicKey: string;
  /** `SO...`, `SA...` or `SU...`: a secret. */
  readonly seed: string;
  sign(content: Uint8Array | string): Buffer;
}

export function generateNkey(kind: NkeyKind): Nkey {
  return nkeyFromRaw(kind, randomBytes(RAW_BYTES));
}

/** @param raw 32 bytes */
export function nkeyFromRaw(kind: NkeyKind, raw: Uint8Array): Nkey {
  const key = ed25519FromSeed(raw);
  const prefix = PREFIXES[kind];
  return {
    kind,
    publicKey: withChecksum(Buffer.concat([Buffer.from([prefix]), key.publicKey])),
    seed: withChecksum(Buffer.concat([Buffer.from([SEED_PREFIX | (prefix >> 5), (prefix & 31) << 3]), raw])),
    sign: key.sign,
  };
}

/** @throws InvalidInputError, never naming the text, which may be a secret */
export function nkeyFromSeed(seed: string): Nkey {
  const bytes = checked(seed);
  const prefix = bytes ? ((bytes[0]! & 7) << 5) | (bytes[1]! >> 3) : -1;
  const kind = kindOf(prefix);
  if (!bytes || !kind || bytes.length !== RAW_BYTES + 2 || (bytes[0]! & 0xf8) !== SEED_PREFIX) {
    throw new InvalidInputError('the text is not an nkey seed of an operator, account or user');
  }
  return nkeyFromRaw(kind, bytes.subarray(2));
}

export function isPublicNkey(kind: NkeyKind, text: string): boolean {
  const bytes = checked(text);
  return bytes?.length === RAW_BYTES + 1 && bytes[0] === PREFIXES[kind];
}

/** Checks a signature by the holder of a public nkey; false for anything malformed. */
export function verifyNkey(publicKey: string, content: Uint8Array | string, signature: Uint8Array): boolean {
  const bytes = checked(publicKey);
  return bytes?.length === RAW_BYTES + 1 && verifyEd25519(bytes.subarray(1), content, signature);
}

function kindOf(prefix: number): NkeyKind | undefined {
  return (Object.keys(PREFIXES) as NkeyKind[]).find((kind) => PREFIXES[kind] === prefix);
}

function withChecksum(body: Uint8Array): string {
  const crc = crc16(body);
  return base32(Buffer.concat([body, Buffer.from([crc & 0xff, crc >> 8])]));
}

function checked(text: string): Uint8Array | undefined {
  const bytes = text.length <= 64 ? fromBase32(text) : undefined;
  if (!bytes || bytes.length < 3) return undefined;
  const body = bytes.subarray(0, -2);
  const crc = crc16(body);
  return bytes.at(-2) === (crc & 0xff) && bytes.at(-1) === crc >> 8 ? body : undefined;
}

/** CRC-16/XMODEM, as nkeys append it. */
function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}
