import { badRequest, invalid, modified, notFound } from '../http/kube-api.errors.js';
import { readObjectBody } from '../http/read-body.js';
import { readWriteOptions, type WriteOptions } from '../http/write-options.js';
import type { KubeObject } from '../storage.js';
import { type ApiCall, groupResourceOf } from './api-call.js';
import { type FieldManagement, storeNew, updateManagement, type Written, writeContext } from './create-object.js';
import { type Decoded, decodeObject } from './decode-object.js';
import { isUnchanged } from './is-unchanged.js';
import { prepareUpdate } from './prepare-update.js';
import { fromStorage, isConflict } from './storage-failure.js';

/** How often a write that names no resourceVersion is built anew on the newest state before the client is told. */
const MAX_ATTEMPTS = 8;

export interface Change {
  options: WriteOptions;
  /** Builds the wanted object from the live one; `live` is undefined when it does not exist. */
  build(live: KubeObject | undefined): Decoded & { manage?: FieldManagement };
  /** Whether a missing object is created. */
  createsMissing: boolean;
  /** Whether a conflict that the client's own resourceVersion did not ask for is tried again. */
  retries: boolean;
}

/** PUT of an object or of its status. */
export async function updateObject(call: ApiCall): Promise<Written> {
  const options = readWriteOptions(call.request, 'UpdateOptions');
  const body = readObjectBody(call.request, call.resource.kind, options.fieldValidation !== 'Ignore');
  const decoded = decodeObject(call, body.value, options, body.duplicates);
  const version = decoded.object.metadata.resourceVersion ?? '';
  checkName(call, decoded.object);
  return changeObject(call, {
    options,
    createsMissing: call.resource.createsOnUpdate && call.subresource === '' && version === '',
    retries: version === '',
    build: (live) => {
      if (live && version === '' && call.resource.isCustom) throw versionRequired(call);
      return decoded;
    },
  });
}

/** Reads, builds, checks and writes one object, again when another write comes between. */
export async function changeObject(call: ApiCall, change: Change): Promise<Written> {
  const { services, namespace, name, resource } = call;
  for (let attempt = 1; ; attempt += 1) {
    const live = await services.storage.get(groupResourceOf(call), namespace, name);
    try {
      if (live) return await replace(call, change, live);
      if (!change.createsMissing) throw notFound(resource, name);
      const built = change.build(undefined);
      return await storeNew(call, built, change.options, built.manage ?? updateManagement(call, change.options));
    } catch (error) {
      if (!isConflict(error)) throw error;
      if (!change.retries || attempt >= MAX_ATTEMPTS) throw modified(resource, name);
    }
  }
}

async function replace(call: ApiCall, change: Change, live: KubeObject): Promise<Written> {
  const { services, resource } = call;
  const built = change.build(live);
  checkName(call, built.object);
  const context = writeContext(call, change.options);
  const next = prepareUpdate(call, built.object, live);
  const managed = (built.manage ?? updateManagement(call, change.options))(next, live);
  const object = (await resource.strategy.prepareForUpdate?.(managed, live, context)) ?? managed;
  const causes = (await resource.strategy.validate?.(object, live, context)) ?? [];
  if (causes.length > 0) throw invalid(resource, call.name, causes);
  const warnings = [...built.warnings, ...(resource.strategy.warnings?.(object, live, context) ?? [])];
  if (isUnchanged(live, object)) return { object: live, warnings, isNew: false };
  if (change.options.isDryRun) return { object, warnings, isNew: false };
  const subresource = call.subresource === 'status' || call.subresource === 'scale' ? call.subresource : undefined;
  try {
    return {
      object: await services.storage.update(groupResourceOf(call), object, call.request.user, subresource),
      warnings,
      isNew: false,
    };
  } catch (error) {
    throw isConflict(error) ? error : fromStorage(call, call.name, error);
  }
}

export function checkName(call: ApiCall, object: KubeObject): void {
  const { name, namespace } = object.metadata;
  if (name && name !== call.name) throw badRequest(`the name of the object (${name}) does not match the name on the URL (${call.name})`);
  if (namespace && call.resource.namespaced && namespace !== call.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

function versionRequired({ resource, name }: ApiCall): Error {
  const message = 'Invalid value: 0: must be specified for an update';
  return invalid({ group: resource.group, kind: resource.plural }, name, [
    { reason: 'FieldValueInvalid', message, field: 'metadata.resourceVersion' },
  ]);
}
