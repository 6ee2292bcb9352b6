import { knownFields, memberSchema } from '@flotilla/contracts';
import { closestWord, isObject } from '@flotilla/kernel';
import type { z } from 'zod';

export interface UnknownField {
  path: string;
  /** Where the field most likely belongs, as a path. */
  meant?: string;
}

/** Unknown fields of one document beyond this number are not listed. */
const MAX_LISTED = 50;

/** Fields a schema does not know, in document order. Maps and free-form values know every key. */
export function findUnknownFields(schema: z.ZodType, value: unknown, path = ''): UnknownField[] {
  const found: UnknownField[] = [];
  visit(schema, value, path, found);
  return found.slice(0, MAX_LISTED);
}

function visit(schema: z.ZodType, value: unknown, path: string, found: UnknownField[]): void {
  if (found.length >= MAX_LISTED) return;
  if (Array.isArray(value)) {
    const element = memberSchema(schema, '0');
    if (element) for (const [i, item] of value.entries()) visit(element, item, `${path}[${i}]`, found);
    return;
  }
  if (!isObject(value)) return;
  const known = knownFields(schema);
  for (const [key, member] of Object.entries(value)) {
    const below = path === '' ? key : `${path}.${key}`;
    if (known && !known.includes(key)) found.push(suggest(schema, known, key, path, below));
    else {
      const inner = memberSchema(schema, key);
      if (inner) visit(inner, member, below, found);
    }
  }
}

/** A field of a neighbouring object (`valueFiles` beside `helm`) is nearer than a similar word. */
function suggest(schema: z.ZodType, known: readonly string[], key: string, parent: string, path: string): UnknownField {
  const prefix = parent === '' ? '' : `${parent}.`;
  const owner = known.find((field) => {
    const inner = memberSchema(schema, field);
    return inner && knownFields(inner)?.includes(key);
  });
  if (owner) return { path, meant: `${prefix}${owner}.${key}` };
  const closest = closestWord(key, known);
  return closest ? { path, meant: `${prefix}${closest}` } : { path };
}
