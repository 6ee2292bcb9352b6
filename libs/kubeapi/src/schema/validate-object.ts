import { isObject } from '@flotilla/kernel';
import type { FieldError, FieldErrorReason } from './field-error.js';
import { goTypeOf, jsonKindOf, structName } from './go-type.js';
import { ownMember } from './own-member.js';
import { memberOf, type OpenApiSchema, type SchemaNode } from './schema-node.js';
import { checkCombinators, checkValue, typeNameOf } from './validate-value.js';

export interface ValidationResult {
  /** Paths of fields the schema does not know, in document order. */
  unknown: string[];
  invalid: FieldError[];
  /** Of a native kind: what its decoder would stumble over first, in the words of Go's encoding/json. */
  undecodable?: string;
}

/** Beyond this many findings an answer helps nobody; validation stops counting. */
const MAX_FINDINGS = 100;
const MAX_DEPTH = 256;

class Validation implements ValidationResult {
  readonly unknown: string[] = [];
  readonly invalid: FieldError[] = [];
  undecodable?: string;
  readonly #ancestors: unknown[] = [];
  readonly #structs: SchemaNode[] = [];

  refuse(field: string, reason: FieldErrorReason, message: string): void {
    if (this.invalid.length < MAX_FINDINGS) this.invalid.push({ field, reason, message });
  }

  value(value: unknown, node: SchemaNode, path: string): void {
    if (value === undefined || this.#ancestors.length > MAX_DEPTH) return;
    if (value === null) {
      // A struct's decoder reads null as absent; a custom resource's value must allow it.
      if (!node.native && !node.nullable && node.kind !== 'any') this.#mistyped(null, node, path);
      return;
    }
    if (node.kind === 'any') {
      this.#constraints(value, node, path);
      return;
    }
    this.#ancestors.push(value);
    if (node.kind === 'scalar') this.#scalar(value, node, path);
    else if (node.kind === 'list') this.#list(value, node, path);
    else this.#object(value, node, path);
    this.#ancestors.pop();
  }

  #mistyped(value: unknown, node: SchemaNode, path: string): void {
    const found = typeNameOf(value);
    const wanted = node.source.type ?? 'string';
    if (node.native) this.undecodable ??= this.#describe(value, node, path);
    this.refuse(path, 'FieldValueTypeInvalid', `Invalid value: "${found}": ${path} in body must be of type ${wanted}: "${found}"`);
  }

  /** A decoder knows fields, not the keys and indexes on the way to them. */
  #describe(value: unknown, node: SchemaNode, path: string): string {
    const struct = this.#structs.at(-1);
    const field = `${(struct && structName(struct)) ?? ''}.${path.replace(/\[[^\]]*\]/g, '')}`;
    return `json: cannot unmarshal ${jsonKindOf(value)} into Go struct field ${field} of type ${goTypeOf(node)}`;
  }

  #scalar(value: unknown, node: SchemaNode, path: string): void {
    if (!isScalarOf(value, node)) {
      this.#mistyped(value, node, path);
      return;
    }
    this.#constraints(value, node, path);
  }

  #list(value: unknown, node: SchemaNode, path: string): void {
    if (!Array.isArray(value)) {
      this.#mistyped(value, node, path);
      return;
    }
    this.#constraints(value, node, path);
    const { item } = node;
    if (!item) return;
    for (let i = 0; i < value.length; i++) this.value(value[i], item, `${path}[${i}]`);
    if (node.listType !== 'atomic' && !node.native) this.#duplicates(value, node, path);
  }

  #duplicates(list: readonly unknown[], node: SchemaNode, path: string): void {
    const seen = new Set<string>();
    for (let i = 0; i < list.length; i++) {
      const item = list[i];
      const key =
        node.listType === 'set' ? item : isObject(item) ? Object.fromEntries(node.listKeys.map((name) => [name, item[name]])) : item;
      const text = JSON.stringify(key);
      if (seen.has(text)) this.refuse(`${path}[${i}]`, 'FieldValueDuplicate', `Duplicate value: ${text}`);
      seen.add(text);
    }
  }

  #object(value: unknown, node: SchemaNode, path: string): void {
    if (!isObject(value)) {
      this.#mistyped(value, node, path);
      return;
    }
    const prefix = path === '' ? '' : `${path}.`;
    if (node.kind === 'struct') this.#structs.push(node);
    for (const name of node.required) {
      const member = ownMember(value, name);
      if (member === undefined || (node.native && member === null)) {
        this.refuse(`${prefix}${name}`, 'FieldValueRequired', 'Required value');
      }
    }
    for (const name of Object.keys(value)) {
      const member = memberOf(node, name);
      if (member)
        this.value(value[name], member, node.fields.has(name) || node.kind === 'struct' ? `${prefix}${name}` : `${path}[${name}]`);
      else if (this.unknown.length < MAX_FINDINGS) this.unknown.push(`${prefix}${name}`);
    }
    if (node.kind === 'struct') this.#structs.pop();
    this.#constraints(value, node, path);
  }

  #constraints(value: unknown, node: SchemaNode, path: string): void {
    const { source } = node;
    checkValue(value, source, path, this);
    if (source.allOf || source.anyOf || source.oneOf || source.not) checkCombinators(value, source as OpenApiSchema, path, this);
  }
}

function isScalarOf(value: unknown, node: SchemaNode): boolean {
  switch (node.scalar) {
    case 'string':
      return typeof value === 'string';
    case 'integer':
      return typeof value === 'number' && Number.isInteger(value);
    case 'number':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    default:
      if (node.intOrString) return typeof value === 'string' || (typeof value === 'number' && Number.isInteger(value));
      return node.source.type === 'string'
        ? typeof value === 'string'
        : typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  }
}

/**
 * Checks an object against its schema: types, required and unknown fields, enums, formats, bounds, patterns, duplicate list keys and
 * the value combinators. CEL rules (`x-kubernetes-validations`) are not evaluated. At most 100 findings of each sort.
 */
export function validateObject(object: unknown, schema: SchemaNode): ValidationResult {
  const validation = new Validation();
  validation.value(object, schema, '');
  const { unknown, invalid, undecodable } = validation;
  return { unknown, invalid, ...(undecodable === undefined ? {} : { undecodable }) };
}
