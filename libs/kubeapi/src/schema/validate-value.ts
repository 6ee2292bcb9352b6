import { isObject, jsonEqual } from '@flotilla/kernel';
import type { FieldErrorReason } from './field-error.js';
import type { OpenApiSchema } from './schema-node.js';

interface Findings {
  refuse(field: string, reason: FieldErrorReason, message: string): void;
}

/** A pattern from a schema is code of its author; longer texts than this are not matched against it. */
const MAX_PATTERN_INPUT = 100_000;
const MAX_PATTERNS = 500;
const patterns = new Map<string, RegExp | null>();

/** Schemas say patterns in RE2; what JavaScript cannot read is not enforced. */
function patternOf(source: string): RegExp | null {
  const known = patterns.get(source);
  if (known !== undefined) return known;
  let compiled: RegExp | null = null;
  try {
    compiled = new RegExp(source, 'u');
  } catch {
    try {
      compiled = new RegExp(source);
    } catch {
      compiled = null;
    }
  }
  if (patterns.size >= MAX_PATTERNS) patterns.clear();
  patterns.set(source, compiled);
  return compiled;
}

export function typeNameOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

const INT32_LIMIT = 2 ** 31;
const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)$/;
const FORMATS: Readonly<Record<string, (value: string) => boolean>> = {
  'date-time': (value) => DATE_TIME.test(value) && !Number.isNaN(Date.parse(value)),
  date: (value) => /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value)),
  byte: (value) => /^[A-Za-z0-9+/]*={0,2}$/.test(value.replace(/[\r\n]/g, '')),
  uuid: (value) => /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i.test(value),
};

function checkString(value: string, schema: OpenApiSchema, path: string, to: Findings): void {
  const shown = JSON.stringify(value);
  if (schema.maxLength !== undefined && [...value].length > schema.maxLength) {
    to.refuse(path, 'FieldValueTooLong', `Too long: may not be more than ${schema.maxLength} bytes`);
  }
  if (schema.minLength !== undefined && [...value].length < schema.minLength) {
    to.refuse(path, 'FieldValueInvalid', `Invalid value: ${shown}: ${path} in body should be at least ${schema.minLength} chars long`);
  }
  if (schema.pattern !== undefined && value.length <= MAX_PATTERN_INPUT && patternOf(schema.pattern)?.test(value) === false) {
    to.refuse(path, 'FieldValueInvalid', `Invalid value: ${shown}: ${path} in body should match '${schema.pattern}'`);
  }
  const fits = schema.format === undefined ? undefined : FORMATS[schema.format];
  if (fits && !fits(value)) {
    to.refuse(path, 'FieldValueInvalid', `Invalid value: ${shown}: ${path} in body must be of type ${schema.format}: ${shown}`);
  }
}

function checkNumber(value: number, schema: OpenApiSchema, path: string, to: Findings): void {
  const invalid = (rule: string) => to.refuse(path, 'FieldValueInvalid', `Invalid value: ${value}: ${path} in body should be ${rule}`);
  const { minimum, maximum } = schema;
  if (minimum !== undefined && (schema.exclusiveMinimum ? value <= minimum : value < minimum)) {
    invalid(`greater than ${schema.exclusiveMinimum ? '' : 'or equal to '}${minimum}`);
  }
  if (maximum !== undefined && (schema.exclusiveMaximum ? value >= maximum : value > maximum)) {
    invalid(`less than ${schema.exclusiveMaximum ? '' : 'or equal to '}${maximum}`);
  }
  if (schema.multipleOf !== undefined && !Number.isInteger(value / schema.multipleOf)) invalid(`a multiple of ${schema.multipleOf}`);
  if (schema.format === 'int32' && (value < -INT32_LIMIT || value >= INT32_LIMIT)) invalid(`an int32`);
}

function checkCount(count: number, least: number | undefined, most: number | undefined, things: string, path: string, to: Findings): void {
  if (most !== undefined && count > most) to.refuse(path, 'FieldValueTooMany', `Too many: ${count}: must have at most ${most} ${things}`);
  if (least !== undefined && count < least) {
    to.refuse(path, 'FieldValueInvalid', `Invalid value: ${count}: ${path} in body should have at least ${least} ${things}`);
  }
}

/** The constraints of one schema on one value of the right type; nothing below it. */
export function checkValue(value: unknown, schema: OpenApiSchema, path: string, to: Findings): void {
  if (schema.enum && !schema.enum.some((allowed) => jsonEqual(allowed, value))) {
    const supported = schema.enum.map((allowed) => JSON.stringify(allowed)).join(', ');
    to.refuse(path, 'FieldValueNotSupported', `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`);
  }
  if (typeof value === 'string') checkString(value, schema, path, to);
  else if (typeof value === 'number') checkNumber(value, schema, path, to);
  else if (Array.isArray(value)) checkCount(value.length, schema.minItems, schema.maxItems, 'items', path, to);
  else if (isObject(value) && (schema.minProperties !== undefined || schema.maxProperties !== undefined)) {
    checkCount(Object.keys(value).length, schema.minProperties, schema.maxProperties, 'properties', path, to);
  }
}

const MATCHING_TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  string: (value) => typeof value === 'string',
  integer: (value) => Number.isInteger(value),
  number: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  array: Array.isArray,
  object: isObject,
};

/** Does the value meet a schema used as a condition? Only its own constraints, required members and properties count. */
function meets(value: unknown, schema: OpenApiSchema): boolean {
  let met = true;
  const to: Findings = {
    refuse: () => {
      met = false;
    },
  };
  if (schema.type !== undefined && MATCHING_TYPES[schema.type]?.(value) === false) return false;
  checkValue(value, schema, '', to);
  checkCombinators(value, schema, '', to);
  if (!met) return false;
  if (Array.isArray(value)) return schema.items === undefined || value.every((item) => meets(item, schema.items!));
  if (!isObject(value)) return true;
  if (schema.required?.some((name) => value[name] === undefined)) return false;
  return Object.entries(schema.properties ?? {}).every(([name, child]) => value[name] === undefined || meets(value[name], child));
}

/** allOf, anyOf, oneOf and not, as structural schemas use them: conditions on values, never declarations. */
export function checkCombinators(value: unknown, schema: OpenApiSchema, path: string, to: Findings): void {
  const invalid = (rule: string) =>
    to.refuse(path, 'FieldValueInvalid', `Invalid value: ${JSON.stringify(value)}: ${path} in body ${rule}`);
  if (schema.anyOf && !schema.anyOf.some((choice) => meets(value, choice))) invalid('must validate at least one schema (anyOf)');
  if (schema.oneOf && schema.oneOf.filter((choice) => meets(value, choice)).length !== 1)
    invalid('must validate one and only one schema (oneOf)');
  if (schema.allOf && !schema.allOf.every((part) => meets(value, part))) invalid('must validate all the schemas (allOf)');
  if (schema.not && meets(value, schema.not)) invalid('must not validate the schema (not)');
}
