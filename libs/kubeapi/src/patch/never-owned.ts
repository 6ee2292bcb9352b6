import type { SchemaNode } from '../schema/schema-node.js';
import { type FieldSet, fieldSetOfPaths } from './fields/field-set.js';
import { fieldElement } from './fields/path-element.js';

function pathSet(...paths: string[]): FieldSet {
  return fieldSetOfPaths(paths.map((path) => path.split('.').map(fieldElement)));
}

const META_NAMES = 'name namespace creationTimestamp selfLink uid clusterName generation managedFields resourceVersion';

/** Fields that identify an object or that the server keeps; nobody ever owns them. (managedfields/internal/stripmeta.go) */
export const NEVER_OWNED: FieldSet = pathSet('apiVersion', 'kind', 'metadata', ...META_NAMES.split(' ').map((name) => `metadata.${name}`));

const STATUS = pathSet('status');
const SPEC = pathSet('spec');
const METADATA_AND_SPEC = pathSet('metadata', 'spec');

/** What the storage strategies of 1.36 put back on a status write, where it is not just `spec`. */
const STATUS_RESETS: Readonly<Record<string, FieldSet>> = {
  'apps/v1 Deployment': pathSet('spec', 'metadata.labels'),
  'v1 Pod': pathSet('spec', 'metadata.deletionTimestamp', 'metadata.ownerReferences'),
  'certificates.k8s.io/v1 CertificateSigningRequest': pathSet('spec', 'status.conditions'),
  'apiextensions.k8s.io/v1 CustomResourceDefinition': METADATA_AND_SPEC,
  'apiregistration.k8s.io/v1 APIService': METADATA_AND_SPEC,
  'admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy': METADATA_AND_SPEC,
  'storage.k8s.io/v1 VolumeAttachment': METADATA_AND_SPEC,
};

const MAIN_RESETS: Readonly<Record<string, FieldSet>> = {
  'certificates.k8s.io/v1 CertificateSigningRequest': pathSet('spec', 'status'),
};

const NOTHING = pathSet();

/**
 * The fields that a write through this door resets, so that nobody gets to own them by it: `status` on the object itself, `spec` on the
 * status subresource. Custom resources are taken to have a status subresource when their schema has a `status`.
 */
export function resetFieldsOf(apiVersion: string, kind: string, schema: SchemaNode, subresource?: string): FieldSet {
  const gvk = `${apiVersion} ${kind}`;
  if (subresource === 'status') return (schema.native ? STATUS_RESETS[gvk] : METADATA_AND_SPEC) ?? SPEC;
  if (subresource !== undefined && subresource !== 'finalize') return NOTHING;
  return MAIN_RESETS[gvk] ?? (schema.fields.has('status') && !STATUS_OF_THEIR_OWN.has(gvk) ? STATUS : NOTHING);
}

/** Kinds whose `status` is no subresource's. */
const STATUS_OF_THEIR_OWN: ReadonlySet<string> = new Set(['v1 ComponentStatus', 'v1 Status']);
