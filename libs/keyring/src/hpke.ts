import { generateKeyPairSync, type webcrypto } from 'node:crypto';
import { canonicalJson, InvalidInputError } from '@flotilla/kernel';
import { Aes256Gcm, CipherSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import type { SealingContext } from './keyring.js';

/** An RFC 9180 HPKE sealing (X25519, HKDF-SHA256, AES-256-GCM, base mode): base64 `enc` and `ciphertext`. */
export interface Envelope {
  enc: string;
  ciphertext: string;
}

/** Seals to a spoke's raw X25519 public key (base64), bound to `context`. */
export type SealToSpoke = (publicKey: string, plaintext: Uint8Array, context: SealingContext) => Promise<Envelope>;
/** Opens with the spoke's raw private key (base64). */
export type OpenEnvelope = (privateKey: string, envelope: Envelope, context: SealingContext) => Promise<Uint8Array>;

const suite = new CipherSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: new Aes256Gcm() });
/** Separates these envelopes from any other use of the same key. */
const INFO = new TextEncoder().encode('flotilla envelope v1');
const RAW_KEY_BYTES = 32;

export const sealToSpoke: SealToSpoke = async (publicKey, plaintext, context) => {
  const recipientPublicKey = await suite.kem.importKey('raw', rawKey(publicKey, 'public'), true);
  const sender = await suite.createSenderContext({ recipientPublicKey, info: INFO });
  const ciphertext = await sender.seal(owned(plaintext), aad(context));
  return { enc: base64(sender.enc), ciphertext: base64(ciphertext) };
};

export const openEnvelope: OpenEnvelope = async (privateKey, envelope, context) =>
  openWith(await recipientKeyPair(privateKey), envelope, context);

/** As openEnvelope, for whoever opens again and again with one key: the one it opened with last is not imported anew. */
export function envelopeOpener(): OpenEnvelope {
  let last: { privateKey: string; pair: Promise<webcrypto.CryptoKeyPair> } | undefined;
  return async (privateKey, envelope, context) => {
    if (last?.privateKey !== privateKey) last = { privateKey, pair: recipientKeyPair(privateKey) };
    return openWith(await last.pair, envelope, context);
  };
}

/** With its public half, which the library would otherwise derive at each opening. */
async function recipientKeyPair(text: string): Promise<webcrypto.CryptoKeyPair> {
  const privateKey = await suite.kem.importKey('raw', rawKey(text, 'private'), false);
  const { kty, crv, x } = await crypto.subtle.exportKey('jwk', privateKey);
  return { privateKey, publicKey: await suite.kem.importKey('jwk', { kty, crv, x }, true) };
}

async function openWith(recipientKey: webcrypto.CryptoKeyPair, envelope: Envelope, context: SealingContext): Promise<Uint8Array> {
  try {
    const recipient = await suite.createRecipientContext({ recipientKey, enc: bytesOf(envelope.enc), info: INFO });
    return new Uint8Array(await recipient.open(bytesOf(envelope.ciphertext), aad(context)));
  } catch (cause) {
    throw new InvalidInputError(
      `the envelope for ${canonicalJson(context)} does not open: it was sealed to another key or context, or changed`,
      { context },
      cause,
    );
  }
}

/** A fresh X25519 pair as raw 32-byte keys in base64. The private key never leaves the spoke that made it. */
export function generateSealingKeyPair(): { publicKey: string; privateKey: string } {
  const jwk = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
  return { publicKey: fromBase64url(jwk.x), privateKey: fromBase64url(jwk.d) };
}

/** True for base64 of exactly 32 bytes: the form of every raw key here. */
export function isRawKey(text: string): boolean {
  return /^[A-Za-z0-9+/]{43}=$/.test(text);
}

function rawKey(text: string, which: string): ArrayBuffer {
  if (!isRawKey(text)) throw new InvalidInputError(`the X25519 ${which} key is not base64 of ${RAW_KEY_BYTES} bytes`);
  return bytesOf(text);
}

const aad = (context: SealingContext): ArrayBuffer => owned(Buffer.from(canonicalJson(context)));
const bytesOf = (text: string): ArrayBuffer => owned(Buffer.from(text, 'base64'));
const base64 = (bytes: ArrayBuffer): string => Buffer.from(bytes).toString('base64');
const fromBase64url = (text: string | undefined): string => Buffer.from(text ?? '', 'base64url').toString('base64');

/** WebCrypto wants a buffer of its own, not a view into Node's pool. */
function owned(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer;
}
