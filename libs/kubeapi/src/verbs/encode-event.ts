import { negotiate } from '../http/negotiate.js';
import type { KubeObject, StorageEvent } from '../storage.js';
import type { ApiCall } from './api-call.js';
import { representObject } from './present.js';

export type EventEncoder = (type: StorageEvent['type'], object: KubeObject, resourceVersion?: string) => string;

/** One text per object, however many watchers it goes to; an object is never changed once it is stored. */
const texts = new WeakMap<KubeObject, string>();

/** Writes events as lines; a Table's columns stand in the first one only, as kubectl expects. */
export function encodeEvent(call: ApiCall): EventEncoder {
  const wanted = negotiate(call.request.headers.accept);
  if (wanted.as === 'object') return (type, object, version) => line(type, textOf(at(object, version)));
  let isFirst = true;
  return (type, object, version) => {
    const text = JSON.stringify(representObject(call, at(object, version), wanted, !isFirst));
    isFirst = false;
    return line(type, text);
  };
}

function line(type: string, object: string): string {
  return `{"type":"${type}","object":${object}}\n`;
}

function textOf(object: KubeObject): string {
  const known = texts.get(object);
  if (known !== undefined) return known;
  const text = JSON.stringify(object);
  texts.set(object, text);
  return text;
}

/** A deletion carries the version of the deletion, so that a watch resumed from it does not see it again. */
function at(object: KubeObject, resourceVersion: string | undefined): KubeObject {
  if (resourceVersion === undefined || object.metadata.resourceVersion === resourceVersion) return object;
  return { ...object, metadata: { ...object.metadata, resourceVersion } };
}
