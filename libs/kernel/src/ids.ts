import { randomBytes, randomUUID } from 'node:crypto';

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** The opaque name of a spoke: `s_` and 26 base32 characters (128 random bits). No rule ever matches a part of it. */
export type SpokeId = string & { readonly __brand: 'SpokeId' };

export type Uid = string & { readonly __brand: 'Uid' };

/** Randomness as a dependency. */
export type RandomBytes = (size: number) => Uint8Array;

export const systemRandom: RandomBytes = (size) => randomBytes(size);

export function newSpokeId(random: RandomBytes = systemRandom): SpokeId {
  return `s_${base32(random(16))}` as SpokeId;
}

export function isSpokeId(text: unknown): text is SpokeId {
  return typeof text === 'string' && /^s_[a-z2-7]{26}$/.test(text);
}

export function newUid(): Uid {
  return randomUUID() as Uid;
}

/** A secret for people or agents to carry: base32 of `size` random bytes. */
export function newToken(size = 20, random: RandomBytes = systemRandom): string {
  return base32(random(size));
}

function base32(bytes: Uint8Array): string {
  let text = '';
  let bits = 0;
  let value = 0;
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xffff;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += BASE32[(value >>> bits) & 31];
    }
  }
  return bits > 0 ? text + BASE32[(value << (5 - bits)) & 31] : text;
}
