import { z } from 'zod';

/** Deeper members are documents in documents; their own page or schema tells them. */
const MAX_DEPTH = 4;

interface Json {
  type?: string | string[];
  properties?: Record<string, Json>;
  required?: string[];
  additionalProperties?: Json | boolean;
  items?: Json;
  enum?: unknown[];
  const?: unknown;
  anyOf?: Json[];
  oneOf?: Json[];
  allOf?: Json[];
  minimum?: number;
  maximum?: number;
  maxItems?: number;
}

/** What a message or body looks like, in one line: `{name: text, labels?: {[key]: text}}`. */
export function shapeText(schema: z.ZodType): string {
  return textOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any', reused: 'inline' }) as Json, 0);
}

/** Fields of an object schema, one row each. */
export function fieldsOf(schema: z.ZodType): { name: string; isRequired: boolean; shape: string }[] {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as Json;
  return Object.entries(properties).map(([name, field]) => ({ name, isRequired: required.includes(name), shape: textOf(field, 1) }));
}

function textOf(schema: Json, depth: number): string {
  const members = schema.anyOf ?? schema.oneOf;
  if (members) return [...new Set(members.map((member) => textOf(member, depth)))].join(' or ');
  if (schema.allOf) return schema.allOf.map((member) => textOf(member, depth)).join(' and ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  if (schema.type === 'array') return `[${schema.items ? textOf(schema.items, depth + 1) : 'anything'}]`;
  if (schema.type === 'object') return objectText(schema, depth);
  return scalarText(schema);
}

function objectText({ properties = {}, required = [], additionalProperties }: Json, depth: number): string {
  const isMap = typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0;
  const rest = isMap ? [`[key]: ${textOf(additionalProperties, depth + 1)}`] : additionalProperties === false ? [] : ['…'];
  const entries = Object.entries(properties);
  if (entries.length > 0 && depth >= MAX_DEPTH) return '{…}';
  const fields = entries.map(([name, field]) => `${name}${required.includes(name) ? '' : '?'}: ${textOf(field, depth + 1)}`);
  const isLoose = isMap || (typeof additionalProperties === 'object' && !isMap);
  return `{${[...fields, ...(isLoose ? rest : [])].join(', ')}}`;
}

function scalarText({ type, minimum, maximum }: Json): string {
  const names: Record<string, string> = {
    string: 'text',
    integer: 'whole number',
    number: 'number',
    boolean: 'true or false',
    null: 'null',
  };
  const name = typeof type === 'string' ? (names[type] ?? type) : 'anything';
  const isBound = (value: number | undefined): value is number => value !== undefined && Math.abs(value) < Number.MAX_SAFE_INTEGER;
  if (isBound(minimum) && isBound(maximum)) return `${name} ${minimum} to ${maximum}`;
  if (isBound(minimum)) return `${name} from ${minimum}`;
  return isBound(maximum) ? `${name} to ${maximum}` : name;
}
