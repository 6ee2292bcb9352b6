import { createHash } from 'node:crypto';
import { defineFunction, type FunctionTable } from '../../execute/define-function.js';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function toBase32(text: string): string {
  const bits = [...Buffer.from(text)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  const digits = groups.map((group) => BASE32[Number.parseInt(group.padEnd(5, '0'), 2)]).join('');
  return digits.padEnd(Math.ceil(digits.length / 8) * 8, '=');
}

/** Characters after each full group of eight that stand for whole bytes. */
const BASE32_TAILS = new Set([0, 2, 4, 5, 7]);

/** sprig answers a bad text with Go's error as the text. */
function fromBase32(text: string): string {
  const clean = text.replace(/[\r\n]/g, '');
  const digits = clean.replace(/=+$/, '');
  const bad = /[^A-Z2-7]/.exec(digits);
  if (bad) return `illegal base32 data at input byte ${bad.index}`;
  if (clean.length % 8 !== 0 || !BASE32_TAILS.has(digits.length % 8))
    return `illegal base32 data at input byte ${clean.length - (clean.length % 8)}`;
  const bits = [...digits].map((digit) => BASE32.indexOf(digit).toString(2).padStart(5, '0')).join('');
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2))).toString('utf8');
}

function fromBase64(text: string): string {
  const clean = text.replace(/[\r\n]/g, '');
  const digits = clean.replace(/={1,2}$/, '');
  const bad = /[^A-Za-z0-9+/]/.exec(digits);
  if (bad) return `illegal base64 data at input byte ${bad.index}`;
  if (clean.length % 4 !== 0) return `illegal base64 data at input byte ${text.length - (clean.length % 4)}`;
  return Buffer.from(clean, 'base64').toString('utf8');
}

function adler32(text: string): number {
  let low = 1;
  let high = 0;
  for (const byte of Buffer.from(text)) {
    low = (low + byte) % 65521;
    high = (high + low) % 65521;
  }
  return high * 65536 + low;
}

const digest = (algorithm: string) => defineFunction(['string'], (_, text) => createHash(algorithm).update(text, 'utf8').digest('hex'));

/** Decoded bytes are read as UTF-8: a template's texts are texts. */
export const encodingFunctions: FunctionTable = {
  b64enc: defineFunction(['string'], (_, text) => Buffer.from(text).toString('base64')),
  b64dec: defineFunction(['string'], (_, text) => fromBase64(text)),
  b32enc: defineFunction(['string'], (_, text) => toBase32(text)),
  b32dec: defineFunction(['string'], (_, text) => fromBase32(text)),
  sha1sum: digest('sha1'),
  sha256sum: digest('sha256'),
  sha512sum: digest('sha512'),
  adler32sum: defineFunction(['string'], (_, text) => String(adler32(text))),
};
