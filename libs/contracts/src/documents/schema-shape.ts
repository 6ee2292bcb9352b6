import { z } from 'zod';

/** A schema without its optional, nullable and default wrappers. */
function bare(schema: z.ZodType): z.ZodType {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable || inner instanceof z.ZodDefault)
    inner = inner.unwrap() as z.ZodType;
  return inner;
}

/** The fields an object schema knows; undefined where any key may stand (maps, free JSON) or the value is no object. */
export function knownFields(schema: z.ZodType): readonly string[] | undefined {
  const inner = bare(schema);
  if (!(inner instanceof z.ZodObject) || inner.def.catchall) return undefined;
  return Object.keys(inner.shape);
}

/** The schema of a field, or of every value of a map or item of a list; undefined where anything may stand. */
export function memberSchema(schema: z.ZodType, key: string): z.ZodType | undefined {
  const inner = bare(schema);
  if (inner instanceof z.ZodObject) return Object.hasOwn(inner.shape, key) ? (inner.shape[key] as z.ZodType) : undefined;
  if (inner instanceof z.ZodRecord) return inner.valueType as z.ZodType;
  if (inner instanceof z.ZodArray) return inner.element as z.ZodType;
  return undefined;
}

/** What a leaf at a dotted path (indexes left out) must be, where it is not text. */
export function leafTypeAt(schema: z.ZodType, path: string): 'boolean' | 'number' | undefined {
  let inner: z.ZodType | undefined = schema;
  for (const key of path.split('.')) {
    if (inner && bare(inner) instanceof z.ZodArray) inner = memberSchema(inner, key);
    inner = inner && memberSchema(inner, key);
  }
  const leaf = inner && bare(inner);
  if (leaf instanceof z.ZodBoolean) return 'boolean';
  return leaf instanceof z.ZodNumber ? 'number' : undefined;
}
