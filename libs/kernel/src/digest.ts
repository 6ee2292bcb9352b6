import { hash } from 'node:crypto';
import { canonicalJson } from './canonical-json.js';

/** 64 lower-case hex characters of a sha256, or of an HMAC-SHA256 where the content is secret. */
export type Digest = string & { readonly __brand: 'Digest' };

export function digestBytes(bytes: Uint8Array | string): Digest {
  return hash('sha256', bytes) as Digest;
}

/** The digest of a JSON value: of its canonical text. */
export function digestJson(value: unknown): Digest {
  return digestBytes(canonicalJson(value));
}

export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && /^[0-9a-f]{64}$/.test(text);
}
