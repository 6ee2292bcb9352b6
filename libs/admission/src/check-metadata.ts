import {
  CONFIRMED_DELETIONS_ANNOTATION,
  CONTROL_NAMESPACE,
  DELETE_AFTER_ANNOTATION,
  GENERATED_FROM_ANNOTATION,
  GUARD_ANNOTATIONS,
  GUARD_CONFIG_MAP,
  type KindDefinition,
  PROTECTED_LABEL,
  ROLLOUT_POLICY_ANNOTATION,
  STORE_PROJECTS_ANNOTATION,
} from '@flotilla/contracts';
import { closestWord, isObject } from '@flotilla/kernel';
import type { AdmissionContext, Findings } from './admission.js';

const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
/** Annotations of one document, keys and values together, in characters: the limit of the Kubernetes API. */
const MAX_ANNOTATIONS = 256 * 1024;

const OUR_PREFIX = 'flotilla.dev/';
const OUR_KEYS = [
  ROLLOUT_POLICY_ANNOTATION,
  CONFIRMED_DELETIONS_ANNOTATION,
  PROTECTED_LABEL,
  STORE_PROJECTS_ANNOTATION,
  ...GUARD_ANNOTATIONS,
];
/** Written by the expander; a manifest that was read from the hub may carry them. */
const SERVICE_KEYS = [GENERATED_FROM_ANNOTATION, DELETE_AFTER_ANNOTATION];
/** Kinds whose annotations the guard over deletions reads. */
const GUARDED_KINDS = ['ApplicationSet', 'AppProject'];

/** Name, namespace, labels and annotations of any document; a missing namespace is filled in. */
export function checkMetadata(
  raw: Record<string, unknown>,
  definition: KindDefinition,
  findings: Findings,
  context: AdmissionContext,
): void {
  if (!isObject(raw.metadata)) raw.metadata = {};
  const metadata = raw.metadata as Record<string, unknown>;
  settleNamespace(metadata, definition, findings, context);
  const { name } = metadata;
  if (typeof name === 'string' && !(name.length <= 253 && DNS_SUBDOMAIN.test(name))) {
    findings.error('metadata.name', `${JSON.stringify(name)} must consist of lower-case letters, digits, "-" and ".", at most 253`);
  }
  checkLabels(metadata.labels, findings);
  checkAnnotations(metadata.annotations, findings);
  if (context.byService) return;
  refuseReserved(metadata, findings, context);
  if (!GUARDED_KINDS.includes(definition.kind)) warnOfGuard(metadata.annotations, definition, findings);
}

function settleNamespace(
  metadata: Record<string, unknown>,
  definition: KindDefinition,
  findings: Findings,
  context: AdmissionContext,
): void {
  const { namespace } = metadata;
  if (!definition.namespaced) {
    if (namespace !== undefined) {
      findings.warn(`metadata.namespace is left out: ${definition.kind} is not namespaced`);
      delete metadata.namespace;
    }
    return;
  }
  if (namespace === undefined || namespace === '') {
    metadata.namespace = context.namespace ?? CONTROL_NAMESPACE;
    if (!context.namespace) findings.warn(`metadata.namespace is missing; ${CONTROL_NAMESPACE}, the control-plane namespace, is assumed`);
  } else if (context.namespace && namespace !== context.namespace) {
    findings.error('metadata.namespace', `${String(namespace)} does not match the namespace of the request, ${context.namespace}`);
  } else if (typeof namespace === 'string' && !(namespace.length <= 63 && DNS_LABEL.test(namespace))) {
    findings.error('metadata.namespace', `${JSON.stringify(namespace)} is no name for a namespace`);
  }
}

function checkLabels(labels: unknown, findings: Findings): void {
  if (!isObject(labels)) return;
  for (const [key, value] of Object.entries(labels)) {
    if (!isQualifiedName(key)) findings.error('metadata.labels', `${JSON.stringify(key)} is no label key`);
    if (typeof value === 'string' && !(value === '' || (value.length <= 63 && LABEL_NAME.test(value)))) {
      findings.error(
        `metadata.labels.${key}`,
        `${JSON.stringify(value.slice(0, 80))} is no label value: at most 63 letters, digits, "-", "_" and "."`,
      );
    }
  }
}

function checkAnnotations(annotations: unknown, findings: Findings): void {
  if (!isObject(annotations)) return;
  let size = 0;
  for (const [key, value] of Object.entries(annotations)) {
    size += key.length + String(value).length;
    if (!isQualifiedName(key)) findings.error('metadata.annotations', `${JSON.stringify(key)} is no annotation key`);
  }
  if (size > MAX_ANNOTATIONS) findings.error('metadata.annotations', `hold ${size} characters; the limit is ${MAX_ANNOTATIONS}`);
}

function isQualifiedName(key: string): boolean {
  const slash = key.indexOf('/');
  const name = key.slice(slash + 1);
  const prefix = slash < 0 ? undefined : key.slice(0, slash);
  return name.length <= 63 && LABEL_NAME.test(name) && (prefix === undefined || (prefix.length <= 253 && DNS_SUBDOMAIN.test(prefix)));
}

/** A misspelt key of ours would silently mean "none": that is an error; an unknown one is said. */
function refuseReserved(metadata: Record<string, unknown>, findings: Findings, context: AdmissionContext): void {
  for (const part of ['labels', 'annotations'] as const) {
    const entries = isObject(metadata[part]) ? Object.entries(metadata[part]) : [];
    for (const [key, value] of entries) {
      if (
        !key.startsWith(OUR_PREFIX) ||
        OUR_KEYS.includes(key) ||
        SERVICE_KEYS.includes(key) ||
        context.previous?.metadata[part]?.[key] === value
      )
        continue;
      const meant = closestWord(
        key.slice(OUR_PREFIX.length),
        OUR_KEYS.map((known) => known.slice(OUR_PREFIX.length)),
      );
      if (meant) findings.error(`metadata.${part}`, `${key} is not a key; did you mean ${OUR_PREFIX}${meant}`);
      else findings.warn(`metadata.${part}: ${key} has no meaning here; the prefix ${OUR_PREFIX} is reserved`);
    }
  }
}

function warnOfGuard(annotations: unknown, { kind }: KindDefinition, findings: Findings): void {
  if (!isObject(annotations)) return;
  for (const key of GUARD_ANNOTATIONS.filter((one) => Object.hasOwn(annotations, one))) {
    findings.warn(
      `metadata.annotations.${key} has no meaning on ${kind}; it belongs on an ApplicationSet or AppProject, or without its prefix in data of ConfigMap ${GUARD_CONFIG_MAP}`,
    );
  }
}
