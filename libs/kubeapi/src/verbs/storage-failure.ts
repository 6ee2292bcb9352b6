import { codeOf } from '@flotilla/kernel';
import { alreadyExists, expired, modified } from '../http/kube-api.errors.js';
import type { ApiCall } from './api-call.js';

/** What a storage error means to the client; anything unknown stays as it is. */
export function fromStorage(call: ApiCall, name: string, error: unknown): unknown {
  switch (codeOf(error)) {
    case 'already-exists':
      return alreadyExists(call.resource, name);
    case 'conflict':
      return modified(call.resource, name);
    case 'gone':
      return expired('The resourceVersion for the provided watch is too old.');
    default:
      return error;
  }
}

export function isConflict(error: unknown): boolean {
  return codeOf(error) === 'conflict';
}

export function isGone(error: unknown): boolean {
  return codeOf(error) === 'gone';
}
