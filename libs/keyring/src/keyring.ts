/** Associated data: what a sealed value is bound to; opening with other data fails. */
export type SealingContext = Readonly<Record<string, string>>;

/**
 * The hub's keys. The master key (32 bytes; a file of mode 0600, or FLOTILLA_MASTER_KEY in base64) wraps every other;
 * nothing of it ever leaves this library. Sealed text is `v1.<keyId>.<base64url nonce|ciphertext|tag>` (AES-256-GCM).
 */
export abstract class Keyring {
  abstract seal(plaintext: Uint8Array, context: SealingContext): string;
  /** Throws InvalidInputError naming the context, never the value. */
  abstract open(sealed: string, context: SealingContext): Uint8Array;
  /** HMAC-SHA256 (hex) under a key derived for `purpose`. */
  abstract hmac(purpose: string, content: Uint8Array | string): string;
  /** ed25519 signature (base64) of the hub's signing key. */
  abstract sign(content: Uint8Array | string): string;
  /** Raw ed25519 public key, base64: what agents pin. */
  abstract readonly signingKey: string;
}
