import { generateNkey, generateSealingKeyPair } from '@flotilla/keyring';

/** What a spoke will be known by; the private halves are made here and stay. */
export interface SpokeKeys {
  nkeySeed: string;
  /** Raw X25519, base64. */
  sealing: { publicKey: string; privateKey: string };
}

export function newSpokeKeys(): SpokeKeys {
  return { nkeySeed: generateNkey('user').seed, sealing: generateSealingKeyPair() };
}
