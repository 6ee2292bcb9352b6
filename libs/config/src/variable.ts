import type { z } from 'zod';

/** What a schema's field says of its variable, in zod's `.meta({...})`. */
interface VariableMeta {
  /** Name of the environment variable where it does not follow from the key. */
  env?: string;
  description?: string;
  /** Its default is not shown in the reference. */
  secret?: boolean;
}

/** `meta({env})`, else an upper-case key as it stands, else `FLOTILLA_` and the key in upper snake case. */
export function variableOf(key: string, field: unknown): string {
  return metaOf(field).env ?? (/^[A-Z][A-Z0-9_]*$/.test(key) ? key : `FLOTILLA_${key.replace(/([A-Z])/g, '_$1').toUpperCase()}`);
}

export function metaOf(field: unknown): VariableMeta {
  return ((field as z.ZodType).meta?.() ?? {}) as VariableMeta;
}
