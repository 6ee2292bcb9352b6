import { createPrivateKey, createPublicKey, type KeyObject, sign, verify } from 'node:crypto';

/** PKCS #8 and SPKI headers of ed25519 (RFC 8410); the raw 32 bytes follow. */
const PKCS8_HEADER = Buffer.from('302e020100300506032b657004220420', 'hex');
const SPKI_HEADER = Buffer.from('302a300506032b6570032100', 'hex');

export interface Ed25519Key {
  /** Raw 32 bytes. */
  readonly publicKey: Uint8Array;
  sign(content: Uint8Array | string): Buffer;
}

/** The ed25519 key of a raw 32-byte seed. */
export function ed25519FromSeed(seed: Uint8Array): Ed25519Key {
  const privateKey = createPrivateKey({ key: Buffer.concat([PKCS8_HEADER, seed]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return {
    publicKey: spki.subarray(SPKI_HEADER.length),
    sign: (content) => sign(null, Buffer.from(content as Uint8Array), privateKey),
  };
}

/** False for a wrong signature and for anything that is no key or no signature at all. */
export function verifyEd25519(publicKey: Uint8Array, content: Uint8Array | string, signature: Uint8Array): boolean {
  return verifyWith(() => publicKeyOf(publicKey), content, signature);
}

function verifyWith(keyOf: () => KeyObject, content: Uint8Array | string, signature: Uint8Array): boolean {
  if (signature.length !== 64) return false;
  try {
    return verify(null, Buffer.from(content as Uint8Array), keyOf(), signature);
  } catch {
    return false;
  }
}

/** @throws TypeError or an error of OpenSSL for what is no key */
function publicKeyOf(raw: Uint8Array): KeyObject {
  if (raw.length !== 32) throw new TypeError('an ed25519 public key has 32 bytes');
  return createPublicKey({ key: Buffer.concat([SPKI_HEADER, raw]), format: 'der', type: 'spki' });
}

/** An agent pins one signing key, and whoever is between two of them has two. */
const MAX_PINNED = 16;
/** Pinned keys as OpenSSL takes them: making one costs as much as checking a signature with it. */
const pinned = new Map<string, KeyObject>();

function pinnedKey(signingKey: string): KeyObject {
  const known = pinned.get(signingKey);
  if (known) return known;
  const key = publicKeyOf(Buffer.from(signingKey, 'base64'));
  if (pinned.size >= MAX_PINNED) pinned.delete(pinned.keys().next().value ?? '');
  pinned.set(signingKey, key);
  return key;
}

/**
 * Checks a signature of the hub.
 *
 * @param signingKey raw ed25519 public key, base64: what agents pin
 * @param signature base64
 */
export function verifySignature(signingKey: string, content: Uint8Array | string, signature: string): boolean {
  return verifyWith(() => pinnedKey(signingKey), content, Buffer.from(signature, 'base64'));
}
