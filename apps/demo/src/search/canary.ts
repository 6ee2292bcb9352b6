import { newToken } from '@flotilla/kernel';

/** How a value may have been written down. */
export interface Trace {
  /** `old value in base64`: never the value. */
  form: string;
  bytes: Buffer;
}

/** A value of letters and digits only: no JSON, YAML, URL or shell writes it otherwise than it is. */
export function newCanary(): string {
  return `canary${newToken(25)}`;
}

/**
 * A value as it is, in base64 wherever it begins in what was encoded, in base64 of a Secret's base64, and in hexadecimal digits.
 * Characters of base64 that hold bits of the neighbours are left out, so that any neighbours fit.
 */
export function tracesOf(name: string, value: string): Trace[] {
  const plain = Buffer.from(value, 'latin1');
  const data = Buffer.from(plain.toString('base64'), 'latin1');
  const hex = plain.toString('hex');
  return [
    { form: `${name} as it is`, bytes: plain },
    ...inBase64(plain).map((bytes) => ({ form: `${name} in base64`, bytes })),
    ...inBase64(data).map((bytes) => ({ form: `${name} in base64 of base64`, bytes })),
    { form: `${name} in hex`, bytes: Buffer.from(hex, 'latin1') },
    { form: `${name} in hex`, bytes: Buffer.from(hex.toUpperCase(), 'latin1') },
  ];
}

/** The inner characters of each of the three alignments; they are the same in the URL alphabet unless they hold `+` or `/`. */
function inBase64(bytes: Buffer): Buffer[] {
  const texts = [0, 1, 2].map((offset) => {
    const whole = Math.floor((offset + bytes.length) / 3) * 4;
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .slice(0, whole);
    return text.slice(offset === 0 ? 0 : 4);
  });
  const inUrls = texts.map((text) => text.replaceAll('+', '-').replaceAll('/', '_'));
  return [...new Set([...texts, ...inUrls])].map((text) => Buffer.from(text, 'latin1'));
}
