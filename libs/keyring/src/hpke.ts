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
