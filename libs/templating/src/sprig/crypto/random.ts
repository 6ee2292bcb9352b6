import { CallError, defineFunction, type FunctionTable } from '../../execute/define-function.js';
import type { Tools } from '../../execute/tools.js';
import { int } from '../../values/go-value.js';

/** Longest random text. */
const MAX_LENGTH = 65_536;
const DIGITS = '0123456789';
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const ASCII = Array.from({ length: 95 }, (_, i) => String.fromCharCode(i + 32)).join('');

/** Random bytes of the caller's source. @throws CallError where it gave none: a pinned text must not change by itself */
export function randomBytes({ sources, budget }: Tools, name: string, length: number): Uint8Array {
  if (!sources.random) {
    throw new CallError(`${name} needs randomness, which this template does not get: its text must not change by itself`);
  }
  if (length < 0 || length > MAX_LENGTH) throw new CallError(`${name} makes at most ${MAX_LENGTH} bytes, and ${length} were asked for`);
  budget.step(1 + Math.ceil(length / 16));
  return sources.random(length);
}

/** An even choice below `bound`: 48 bits make the bias of the remainder immeasurable. */
function choose(bytes: Uint8Array, at: number, bound: number): number {
  let value = 0;
  for (let i = 0; i < 6; i++) value = value * 256 + bytes[at * 6 + i]!;
  return value % bound;
}

const randomText = (name: string, alphabet: string) =>
  defineFunction(['int'], (tools, count) => {
    if (count <= 0) return '';
    if (count > MAX_LENGTH / 6) throw new CallError(`${name} makes at most ${Math.floor(MAX_LENGTH / 6)} characters`);
    const bytes = randomBytes(tools, name, count * 6);
    return Array.from({ length: count }, (_, i) => alphabet[choose(bytes, i, alphabet.length)]).join('');
  });

function shuffle(tools: Tools, text: string): string {
  const chars = [...text];
  if (chars.length < 2) return text;
  if (chars.length > MAX_LENGTH / 6) throw new CallError(`shuffle takes at most ${Math.floor(MAX_LENGTH / 6)} characters`);
  const bytes = randomBytes(tools, 'shuffle', chars.length * 6);
  for (let i = chars.length - 1; i > 0; i--) {
    const other = choose(bytes, i, i + 1);
    [chars[i], chars[other]] = [chars[other]!, chars[i]!];
  }
  return chars.join('');
}

function uuid(tools: Tools): string {
  const bytes = Uint8Array.from(randomBytes(tools, 'uuidv4', 16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

export const randomFunctions: FunctionTable = {
  randAlphaNum: randomText('randAlphaNum', LETTERS + DIGITS),
  randAlpha: randomText('randAlpha', LETTERS),
  randNumeric: randomText('randNumeric', DIGITS),
  randAscii: randomText('randAscii', ASCII),
  randBytes: defineFunction(['int'], (tools, count) => Buffer.from(randomBytes(tools, 'randBytes', count)).toString('base64')),
  randInt: defineFunction(['int', 'int'], (tools, low, high) => {
    if (high <= low) throw new CallError('invalid argument to Intn');
    return int(low + choose(randomBytes(tools, 'randInt', 6), 0, high - low));
  }),
  shuffle: defineFunction(['string'], shuffle),
  uuidv4: defineFunction([], uuid),
};
