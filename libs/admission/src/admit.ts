import { FLOTILLA_GROUP, type KindDefinition, type ResourceDocument } from '@flotilla/contracts';
import { canonicalJson, isObject, messageOf } from '@flotilla/kernel';
import type { z } from 'zod';
import type { Admission, AdmissionContext, FieldError, Findings } from './admission.js';
import { checkMetadata } from './check-metadata.js';
import { identifyKind } from './identify-kind.js';
import { decodersByKind, rulesByKind } from './kinds/rules-by-kind.js';
import { schemaErrors } from './schema-errors.js';
import { findUnknownFields } from './unknown-fields.js';

/** Canonical JSON of one document beyond this size is refused; it is also what an etcd would take. */
export const MAX_DOCUMENT_BYTES = 1_572_864;

/**
 * Reads one document as leniently as is safe: known mistakes are read as what they mean, unknown fields are left out, both
 * with a warning; whatever could change what is deployed where is an error. Never throws for bad input.
 */
export function admit(raw: unknown, context: AdmissionContext = {}): Admission {
  const warnings: string[] = [];
  const errors: FieldError[] = [];
  const findings: Findings = {
    warn: (message) => void (warnings.includes(message) || warnings.push(message)),
    error: (field, message) => {
      const line = context.lineOf?.(field);
      if (!errors.some((error) => error.field === field && error.message === message)) {
        errors.push({ field, message, ...(line === undefined ? {} : { line }) });
      }
    },
  };
  const document = decode(raw, findings, context);
  return errors.length === 0 && document ? { document, warnings, errors } : { warnings, errors };
}

function decode(raw: unknown, findings: Findings, context: AdmissionContext): ResourceDocument | undefined {
  const copy = copyWithinLimits(raw, findings);
  if (!copy) return undefined;
  const definition = identifyKind(copy, findings);
  if (!definition) return undefined;
  checkMetadata(copy, definition, findings, context);
  decodersByKind[definition.kind]?.(copy as unknown as ResourceDocument, findings, context);
  reportUnknownFields(definition, copy, findings, context);
  const read = definition.schema.safeParse(copy) as z.ZodSafeParseResult<ResourceDocument>;
  if (!read.success) {
    for (const { field, message } of schemaErrors(read.error.issues, copy)) findings.error(field, message);
    return undefined;
  }
  rulesByKind[definition.kind]?.(read.data, findings, context);
  return read.data;
}

/** A private copy, because decoding corrects it; too large or too deep a document goes no further. */
function copyWithinLimits(raw: unknown, findings: Findings): Record<string, unknown> | undefined {
  if (!isObject(raw)) {
    findings.error('', 'the document must be a map with apiVersion, kind and metadata');
    return undefined;
  }
  try {
    const text = canonicalJson(raw);
    const size = Buffer.byteLength(text);
    if (size <= MAX_DOCUMENT_BYTES) return structuredClone(raw);
    findings.error('', `the document has ${size} bytes; the limit is ${MAX_DOCUMENT_BYTES}`);
  } catch (error) {
    findings.error('', `the document cannot be read: ${messageOf(error)}`);
  }
  return undefined;
}

/** In our own kinds a misspelt `approval` would mean "none", so an unknown field is always an error there. */
function reportUnknownFields(
  definition: KindDefinition,
  document: Record<string, unknown>,
  findings: Findings,
  context: AdmissionContext,
): void {
  const refuse = context.strict || definition.group === FLOTILLA_GROUP;
  for (const { path, meant } of findUnknownFields(definition.schema, document)) {
    const hint = meant ? `; did you mean ${meant}` : '';
    if (refuse) findings.error(path, `is not a field of ${definition.kind}${hint}`);
    else findings.warn(`${path} is not a field of ${definition.kind} and is left out${hint}`);
  }
}
