import { InvalidInputError } from '@flotilla/kernel';
import { readPlainScalar } from './go-scalar.js';

const STANDARD_PREFIX = '!<tag:yaml.org,2002:';

/** The value of a scalar by its style and raw tag (`''` for none). Tags that Go does not know leave the text alone. */
export function readScalar(text: string, plain: boolean, rawTag: string): boolean | null | number | string {
  if (rawTag === '') return plain ? readPlainScalar(text) : text;
  const tag = rawTag.startsWith(STANDARD_PREFIX) ? `!!${rawTag.slice(STANDARD_PREFIX.length, -1)}` : rawTag;
  switch (tag) {
    case '!!bool':
      return expect(tag, text, (value) => typeof value === 'boolean');
    case '!!int':
      return expect(tag, text, (value) => typeof value === 'number' && Number.isInteger(value));
    case '!!float':
      return expect(tag, text, (value) => typeof value === 'number');
    case '!!null':
      return expect(tag, text, (value) => value === null);
    case '!!binary':
      return decodeBinary(text);
    default:
      return text;
  }
}

function expect(tag: string, text: string, fits: (value: unknown) => boolean): boolean | null | number | string {
  const value = readPlainScalar(text);
  if (!fits(value)) throw new InvalidInputError(`the value cannot be read as ${tag}`);
  return value;
}

function decodeBinary(text: string): string {
  const compact = text.replace(/\s+/g, '');
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(compact)) {
    throw new InvalidInputError('the !!binary value is not valid base64');
  }
  return Buffer.from(compact, 'base64').toString();
}
