import { GoDuration, GoTime } from '@flotilla/templating';
import { ExprFailedError } from '../expr.errors.js';
import { durationMember, timeMember } from '../namespaces/time-members.js';
import { integerOf, isMapping, nilOf, typeName } from '../values.js';

/** `object.key` and `object[key]`; a map's missing key is nil. @throws ExprFailedError for a member of nil and an index out of range */
export function memberOf(object: unknown, key: unknown): unknown {
  if (object === null || object === undefined) throw new ExprFailedError(`cannot fetch ${String(key)} from <nil>`);
  if (Array.isArray(object) || typeof object === 'string') {
    const index = integerOf(key, 'an index');
    const items = typeof object === 'string' ? Buffer.from(object) : object;
    const place = index < 0 ? items.length + index : index;
    if (place < 0 || place >= items.length) throw new ExprFailedError(`index out of range: ${index} (array length is ${items.length})`);
    return nilOf(items[place]);
  }
  if (isMapping(object)) {
    if (typeof key !== 'string') throw new ExprFailedError(`cannot use ${typeName(key)} as a key of a map`);
    return Object.hasOwn(object, key) ? nilOf(object[key]) : null;
  }
  const member =
    object instanceof GoTime ? timeMember(object, key) : object instanceof GoDuration ? durationMember(object, key) : undefined;
  if (member === undefined) throw new ExprFailedError(`cannot fetch ${String(key)} from ${typeName(object)}`);
  return member;
}

/** `object[from:to]` of a list or a text, negative places from the end, as far as there is something. */
export function sliceOf(object: unknown, from: unknown, to: unknown): unknown {
  const items = typeof object === 'string' ? Buffer.from(object) : object;
  if (!Array.isArray(items) && !Buffer.isBuffer(items)) throw new ExprFailedError(`cannot slice ${typeName(object)}`);
  const place = (value: unknown, missing: number): number => {
    const index = value === undefined ? missing : integerOf(value, 'a slice');
    return Math.min(Math.max(index < 0 ? items.length + index : index, 0), items.length);
  };
  const [start, end] = [place(from, 0), place(to, items.length)];
  const part = start > end ? items.slice(end, end) : items.slice(start, end);
  return Buffer.isBuffer(part) ? part.toString() : part;
}
