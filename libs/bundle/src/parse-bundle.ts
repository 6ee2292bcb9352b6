import { type Bundle, bundleSchema } from '@flotilla/contracts';
import { digestBytes, InvalidInputError, isObject, messageOf } from '@flotilla/kernel';
import type { KubeObject } from '@flotilla/kube';
import { objectsOf } from './broker-form.js';
import { DigestMismatchError } from './bundle.errors.js';

/** A bundle of more objects than this is refused. */
export const MAX_BUNDLE_ITEMS = 20_000;

/**
 * Reads the blob of a bundle and proves it by its digest.
 * @throws DigestMismatchError, InvalidInputError
 */
export function parseBundle(text: string, digest: string): Bundle {
  verifyBlob(text, digest);
  const bundle = bundleSchema.safeParse(parseJson(text, `bundle ${digest}`));
  if (!bundle.success) throw new InvalidInputError(`bundle ${digest} is malformed: ${bundle.error.issues[0]?.message ?? ''}`, { digest });
  const count = objectsOf(bundle.data).length;
  if (count > MAX_BUNDLE_ITEMS) {
    throw new InvalidInputError(`bundle ${digest} holds ${count} objects; ${MAX_BUNDLE_ITEMS} are allowed`, { digest });
  }
  return bundle.data;
}

/** @throws DigestMismatchError when the text is not what the digest names */
export function verifyBlob(text: string | Uint8Array, digest: string): void {
  const found = digestBytes(text);
  if (found !== digest) throw new DigestMismatchError(`blob ${digest} has content of digest ${found}`, { digest, found });
}

/** Reads the blob of one object. */
export function parseObjectBlob(text: string, digest: string): KubeObject {
  const object = parseJson(text, `blob ${digest}`);
  if (!isObject(object) || !isObject(object.metadata)) throw new InvalidInputError(`blob ${digest} is no Kubernetes object`, { digest });
  return object as unknown as KubeObject;
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new InvalidInputError(`${what} is not JSON: ${messageOf(error)}`);
  }
}
