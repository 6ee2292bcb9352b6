import { InvalidInputError, messageOf } from '@flotilla/kernel';
import type { ApiAnswer } from '../http/api-request.js';
import { badRequest, expired, notFound, versionTooLarge } from '../http/kube-api.errors.js';
import type { KubeObject } from '../storage.js';
import { type ApiCall, groupResourceOf } from './api-call.js';
import { readCount, readResourceVersion, readSelection, readVersionMatch } from './list-options.js';
import { answerList, answerObject } from './present.js';
import { isGone } from './storage-failure.js';

/** GET of one object. */
export async function getObject(call: ApiCall): Promise<ApiAnswer> {
  await checkNotTooNew(call, readResourceVersion(call));
  return answerObject(call, 200, await liveObject(call));
}

/** The stored object. @throws KubeApiError 404 */
export async function liveObject(call: ApiCall): Promise<KubeObject> {
  const { services, resource, namespace, name } = call;
  const object = await services.storage.get(groupResourceOf(call), namespace, name);
  if (!object) throw notFound(resource, name);
  return object;
}

/** GET of a collection, whole or in pages. */
export async function listObjects(call: ApiCall): Promise<ApiAnswer> {
  const { services, request } = call;
  const version = readResourceVersion(call);
  const match = readVersionMatch(call);
  const token = request.query.get('continue') ?? '';
  await checkNotTooNew(call, version);
  const limit = readCount(call, 'limit') ?? 0;
  const asOf = request.query.get('asOf') ?? undefined;
  const page = await readPage(
    call,
    { ...readSelection(call), ...(token === '' ? {} : { continue: token }), ...(asOf ? { asOf } : {}) },
    limit,
  );
  if (match === 'Exact' && version !== '0' && page.resourceVersion !== version) {
    throw expired(`The resourceVersion for the provided list is too old: ${version} is asked, ${page.resourceVersion} is held.`);
  }
  const metadata = {
    resourceVersion: page.resourceVersion,
    ...(page.continue === undefined ? {} : { continue: page.continue }),
    ...(page.remaining === undefined || page.remaining === 0 ? {} : { remainingItemCount: page.remaining }),
  };
  return answerList({ ...call, services }, page.items, metadata);
}

async function readPage(call: ApiCall, options: Parameters<ApiCall['services']['storage']['list']>[1], limit: number) {
  const { storage, limits } = call.services;
  const bounded = limit > 0 ? { ...options, limit: Math.min(limit, limits.maxPageItems) } : options;
  try {
    return await storage.list(groupResourceOf(call), bounded);
  } catch (error) {
    if (isGone(error)) {
      throw expired('The provided continue parameter is too old to display a consistent list result. Start a new list without it.');
    }
    if (error instanceof InvalidInputError) throw badRequest(`invalid continue token: ${messageOf(error)}`);
    throw error;
  }
}

/** A resourceVersion from the future is refused at once rather than waited for. */
export async function checkNotTooNew(call: ApiCall, version: string): Promise<void> {
  if (version === '' || version === '0') return;
  const current = await call.services.storage.currentResourceVersion(groupResourceOf(call));
  if (BigInt(version) > BigInt(current)) throw versionTooLarge(version, current);
}
