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
  if (publicKey.length !== 32 || signature.length !== 64) return false;
  try {
    return verify(null, Buffer.from(content as Uint8Array), publicKeyOf(publicKey), signature);
  } catch {
    return false;
  }
}

function publicKeyOf(raw: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([SPKI_HEADER, raw]), format: 'der', type: 'spki' });
}

/**
 * Checks a signature of the hub.
 *
 * @param signingKey raw ed25519 public key, base64: what agents pin
 * @param signature base64
 */
export function verifySignature(signingKey: string, content: Uint8Array | string, signature: string): boolean {
  return verifyEd25519(Buffer.from(signingKey, 'base64'), content, Buffer.from(signature, 'base64'));
}
