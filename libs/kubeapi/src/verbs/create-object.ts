import { newUid } from '@flotilla/kernel';
import type { WriteContext } from '../api/api-resource.js';
import { generateName, validateName } from '../api/object-names.js';
import { alreadyExists, badRequest, conflict, invalid, notFound } from '../http/kube-api.errors.js';
import type { StatusCause } from '../http/kube-status.js';
import { readObjectBody } from '../http/read-body.js';
import { readWriteOptions, type WriteOptions } from '../http/write-options.js';
import type { KubeObject } from '../storage.js';
import { type ApiCall, groupResourceOf, nowOf } from './api-call.js';
import { type Decoded, decodeObject } from './decode-object.js';
import { fromStorage } from './storage-failure.js';

/** The result of a write. */
export interface Written {
  object: KubeObject;
  warnings: string[];
  isNew: boolean;
}

/** Sets `managedFields` on an object that is ready to be stored. */
export type FieldManagement = (object: KubeObject, live: KubeObject | undefined) => KubeObject;

/** POST of a new object. */
export async function createObject(call: ApiCall): Promise<Written> {
  const options = readWriteOptions(call.request, 'CreateOptions');
  const body = readObjectBody(call.request, call.resource.kind, options.fieldValidation !== 'Ignore');
  const decoded = decodeObject(call, body.value, options, body.duplicates);
  return storeNew(call, decoded, options, updateManagement(call, options));
}

/** Field management of everything but server-side apply. */
export function updateManagement(call: ApiCall, { fieldManager }: WriteOptions): FieldManagement {
  const { services, resource, subresource } = call;
  return (after, before) =>
    services.engine.updateManagedFields({
      before,
      after,
      manager: fieldManager,
      schema: resource.schema.node,
      subresource: subresource || undefined,
      now: nowOf(call),
    });
}

export function writeContext(call: ApiCall, options: WriteOptions): WriteContext {
  return {
    user: call.request.user,
    now: nowOf(call),
    subresource: call.subresource || undefined,
    isDryRun: options.isDryRun,
    fieldValidation: options.fieldValidation,
  };
}

/** Names, checks and stores a decoded object that does not exist yet. */
export async function storeNew(call: ApiCall, decoded: Decoded, options: WriteOptions, manage: FieldManagement): Promise<Written> {
  const { resource, services } = call;
  const { strategy } = resource;
  const context = writeContext(call, options);
  const named = withSystemMetadata(call, await placeNew(call, decoded.object));
  // What the server itself adds while storing belongs to no manager.
  const managed = manage(named, undefined);
  const object = (await strategy.prepareForCreate?.(managed, context)) ?? managed;
  const causes = [...validateNewName(call, object), ...((await strategy.validate?.(object, undefined, context)) ?? [])];
  if (causes.length > 0) throw invalid(resource, object.metadata.name ?? '', causes);
  const warnings = [...decoded.warnings, ...(strategy.warnings?.(object, undefined, context) ?? [])];
  if (options.isDryRun) {
    const existing = await services.storage.get(groupResourceOf(call), object.metadata.namespace ?? '', object.metadata.name);
    if (existing) throw alreadyExists(resource, object.metadata.name);
    return { object, warnings, isNew: true };
  }
  try {
    return { object: await services.storage.create(groupResourceOf(call), object, call.request.user), warnings, isNew: true };
  } catch (error) {
    throw fromStorage(call, object.metadata.name, error);
  }
}

/** Checks the namespace and gives the object its place. */
async function placeNew(call: ApiCall, object: KubeObject): Promise<KubeObject> {
  const { resource, namespace, services } = call;
  const asked = object.metadata.namespace ?? '';
  if (asked !== '' && asked !== namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  if (!resource.namespaced) return object;
  if (!(await services.namespaceExists(namespace))) throw notFound({ group: '', plural: 'namespaces' }, namespace);
  return { ...object, metadata: { ...object.metadata, namespace } };
}

function withSystemMetadata(call: ApiCall, object: KubeObject): KubeObject {
  const { resource, services } = call;
  const { resourceVersion, deletionTimestamp, deletionGracePeriodSeconds, generation, managedFields, uid, creationTimestamp, ...rest } =
    object.metadata;
  if (typeof resourceVersion === 'string' && resourceVersion !== '') {
    throw badRequest('resourceVersion should not be set on objects to be created');
  }
  if (uid && call.request.method !== 'POST') {
    throw conflict(resource.group, resource.plural, rest.name, `Precondition failed: UID in precondition: ${uid}, UID in object meta: `);
  }
  const prefix = typeof rest.generateName === 'string' ? rest.generateName : '';
  const name = rest.name || (prefix === '' ? '' : generateName(prefix, services.random(8)));
  const metadata = {
    ...rest,
    ...(name === '' ? {} : { name }),
    uid: newUid(),
    creationTimestamp: nowOf(call),
    ...(resource.tracksGeneration ? { generation: 1 } : {}),
    ...(managedFields === undefined ? {} : { managedFields }),
  } as KubeObject['metadata'];
  if (resource.subresources.status !== true) return { ...object, metadata };
  const { status: _, ...content } = object;
  const reset = { ...content, metadata } as KubeObject;
  return resource.strategy.defaults?.(reset) ?? reset;
}

function validateNewName({ resource }: ApiCall, { metadata }: KubeObject): StatusCause[] {
  if (!metadata.name) {
    return [{ reason: 'FieldValueRequired', message: 'Required value: name or generateName is required', field: 'metadata.name' }];
  }
  return validateName(metadata.name, resource.nameRule);
}
