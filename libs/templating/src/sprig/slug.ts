import { CallError, defineFunction, type FunctionTable } from '../execute/define-function.js';
import { sanitizeName } from '../sanitize-name.js';
import { type GoValue, integerOf } from '../values/go-value.js';

/**
 * What gosimple/slug makes of a sanitized name: dots and runs of dashes become one dash, none at either end; cut at
 * `length`, smartly at the last dash up to there.
 */
function slugOf(name: string, length: number, smart: boolean): string {
  const sanitized = sanitizeName(name);
  const slug = (smart ? sanitized : sanitized.slice(0, Math.max(length, 0)))
    .replace(/[^a-z0-9_-]/g, '-')
    .replace(/-+/g, '-')
    .replace(/^[-_]+|[-_]+$/g, '');
  if (!smart || length <= 0 || slug.length <= length) return slug;
  const dash = slug.lastIndexOf('-', length);
  return slug.slice(0, dash < 0 ? length : dash);
}

/** Argo CD's order: the name is last, the greatest length first (50), whether to cut at words second (true). */
function slugify(args: readonly GoValue[]): string {
  const name = args.at(-1) ?? '';
  if (typeof name !== 'string') throw new CallError('slugify wants the name, a text, as its last argument');
  const length = args.length > 1 ? integerOf(args[0]) : 50n;
  if (length === undefined) throw new CallError('slugify wants the greatest length, an int, as its first argument');
  const smart = args.length > 2 ? args[1] : true;
  if (typeof smart !== 'boolean') throw new CallError('slugify wants a boolean, whether to cut at words, as its second argument');
  return slugOf(name, Number(length), smart);
}

/** Argo CD's own name functions (applicationset/utils). */
export const slugFunctions: FunctionTable = {
  normalize: defineFunction(['string'], (_, name) => sanitizeName(name)),
  slugify: defineFunction(['...any'], (_, ...args) => slugify(args)),
};
