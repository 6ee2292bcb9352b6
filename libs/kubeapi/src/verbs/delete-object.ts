import { isObject } from '@flotilla/kernel';
import { badRequest, conflict, invalidOptions, notFound } from '../http/kube-api.errors.js';
import { detailsOf, type KubeStatus } from '../http/kube-status.js';
import { readObjectBody } from '../http/read-body.js';
import { isDryRun, type WriteOptions } from '../http/write-options.js';
import type { KubeObject } from '../storage.js';
import { type ApiCall, groupResourceOf } from './api-call.js';
import { writeContext } from './create-object.js';
import { fromStorage, isConflict } from './storage-failure.js';

const POLICIES = ['Foreground', 'Background', 'Orphan'] as const;
const MAX_ATTEMPTS = 8;

export interface DeleteOptions {
  uid?: string;
  resourceVersion?: string;
  propagation?: (typeof POLICIES)[number];
  isDryRun: boolean;
}

/** DELETE of one object: the object while it is only marked, a Status once it is gone. */
export async function deleteObject(call: ApiCall): Promise<KubeObject | KubeStatus> {
  const options = readDeleteOptions(call);
  const { object, removed } = await removeObject(call, call.namespace, call.name, options);
  return removed && !call.resource.returnsDeleted ? removedStatus(call, object) : object;
}

export async function removeObject(
  call: ApiCall,
  namespace: string,
  name: string,
  options: DeleteOptions,
): Promise<{ object: KubeObject; removed: boolean }> {
  const { services, resource } = call;
  const { storage } = services;
  for (let attempt = 1; ; attempt += 1) {
    const live = await storage.get(groupResourceOf(call), namespace, name);
    if (!live) throw notFound(resource, name);
    checkPreconditions(call, live, options);
    const marked = resource.strategy.prepareForDelete?.(live, writeContext(call, asWrite(options)));
    if (options.isDryRun || marked === live) return { object: marked ?? live, removed: marked === undefined };
    try {
      if (marked) return { object: await storage.update(groupResourceOf(call), marked, call.request.user), removed: false };
      const { uid, resourceVersion, propagation } = options;
      const deleted = await storage.delete(
        groupResourceOf(call),
        namespace,
        name,
        { uid, resourceVersion, propagation },
        call.request.user,
      );
      if (!deleted) throw notFound(resource, name);
      return deleted;
    } catch (error) {
      if (!isConflict(error) || attempt >= MAX_ATTEMPTS) throw fromStorage(call, name, error);
    }
  }
}

/** From the body (DeleteOptions) and the query, which wins where the body is silent. */
export function readDeleteOptions(call: ApiCall): DeleteOptions {
  const { query, body } = call.request;
  const value = body.byteLength === 0 ? {} : readObjectBody(call.request, 'DeleteOptions', false).value;
  if (!isObject(value)) throw badRequest('the object provided is unrecognized (must be of type DeleteOptions)');
  const preconditions = isObject(value.preconditions) ? value.preconditions : {};
  const dryRun = Array.isArray(value.dryRun) ? value.dryRun.map(String) : [];
  const orphan = value.orphanDependents === true ? 'Orphan' : value.orphanDependents === false ? 'Background' : undefined;
  const policy = value.propagationPolicy ?? query.get('propagationPolicy') ?? orphan;
  return {
    uid: textOf(preconditions.uid),
    resourceVersion: textOf(preconditions.resourceVersion),
    propagation: policy === undefined || policy === null ? undefined : readPolicy(policy),
    isDryRun: isDryRun([...dryRun, ...query.getAll('dryRun')], 'DeleteOptions'),
  };
}

export function removedStatus({ resource }: ApiCall, object: KubeObject): KubeStatus {
  const { name, uid } = object.metadata;
  const details = { ...detailsOf(resource.group, resource.plural, name), uid };
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', details };
}

function readPolicy(policy: unknown): DeleteOptions['propagation'] {
  const known = POLICIES.find((name) => name === policy);
  if (known) return known;
  const supported = POLICIES.map((name) => `"${name}"`).join(', ');
  const message = `Unsupported value: ${JSON.stringify(policy)}: supported values: ${supported}, "nil"`;
  throw invalidOptions('DeleteOptions', { reason: 'FieldValueNotSupported', message, field: 'propagationPolicy' });
}

function checkPreconditions({ resource, name }: ApiCall, { metadata }: KubeObject, { uid, resourceVersion }: DeleteOptions): void {
  if (uid !== undefined && uid !== metadata.uid) {
    const cause = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`;
    throw conflict(resource.group, resource.kind, name, cause);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const cause = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`;
    throw conflict(resource.group, resource.kind, name, cause);
  }
}

function asWrite({ isDryRun: dry }: DeleteOptions): WriteOptions {
  return { isDryRun: dry, fieldManager: '', fieldValidation: 'Ignore' };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
