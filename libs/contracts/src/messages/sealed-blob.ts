import { canonicalJson, type Digest, digestBytes } from '@flotilla/kernel';

/**
 * A Secret object on its way to a spoke: the bytes of the part are the JSON text of an HPKE envelope `{enc, ciphertext}`, not
 * compressed, sealed to the spoke's key under `sealedBlobContext`; the plaintext is the object's canonical JSON. The digest is an
 * HMAC the spoke cannot check, so the hub signs `sealedBlobStatement` with the key that also signs documents.
 */
export const sealedBlobContext = (spoke: string, digest: string): Readonly<Record<string, string>> => ({ purpose: 'blob', spoke, digest });

/** What the hub signs (ed25519) for one sealed blob: which envelope stands for which digest, for one spoke. */
export function sealedBlobStatement(spoke: string, digest: string, envelopeBytes: Uint8Array): string {
  const envelope: Digest = digestBytes(envelopeBytes);
  return canonicalJson({ digest, envelope, purpose: 'blob', spoke });
}
