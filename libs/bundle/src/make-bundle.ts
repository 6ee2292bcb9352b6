import type { Bundle, BundleItem } from '@flotilla/contracts';
import { canonicalJson, type Digest, digestBytes, InvalidInputError, isObject } from '@flotilla/kernel';
import {
  hookTypesOf,
  type KubeObject,
  objectKey,
  orderForApply,
  refOf,
  syncOptionsOf,
  syncWaveOf,
  textAt,
  versionOf,
} from '@flotilla/kube';
import { DuplicateObjectError } from './bundle.errors.js';

/** One content of a bundle: an object, or the bundle itself. */
export interface BundleBlob {
  digest: Digest;
  /** Canonical JSON. */
  text: string;
  /** A Secret object: the digest is an HMAC, the text never rests in clear. */
  sealed: boolean;
}

export interface MadeBundle {
  bundle: Bundle;
  digest: Digest;
  /** Distinct, the bundle's own blob last. */
  blobs: BundleBlob[];
}

/** A rendered object and where it came from, such as `templates/web.yaml` or `Helm chart web`. */
export interface RenderedObject {
  object: unknown;
  origin?: string;
}

/**
 * Turns rendered objects into a bundle: canonical, digested, with waves, hooks and options read, in apply order. Equal input
 * in any order gives the same digest. `secretDigest` (an HMAC, hex) digests Secret objects, whose content must not be guessable.
 *
 * @throws InvalidInputError naming the origin of what is no Kubernetes object, DuplicateObjectError naming both objects
 */
export function makeBundle(rendered: readonly RenderedObject[], secretDigest: (text: string) => string): MadeBundle {
  const items = rendered.map((entry, i) => readItem(entry, i, secretDigest));
  refuseDuplicates(items);
  const ordered = orderForApply(items);
  const bundle: Bundle = { items: ordered.map(toBundleItem) };
  const blobs = new Map(ordered.map(({ blob }) => [blob.digest, blob]));
  const text = canonicalJson(bundle);
  const digest = digestBytes(text);
  return { bundle, digest, blobs: [...blobs.values(), { digest, text, sealed: false }] };
}

interface Item extends Omit<BundleItem, 'digest' | 'sealed'> {
  phase: string;
  defines?: string;
  blob: BundleBlob;
  origin: string;
}

function readItem({ object: raw, origin = '' }: RenderedObject, index: number, secretDigest: (text: string) => string): Item {
  const object = asKubeObject(raw, origin || `object ${index + 1}`);
  const ref = refOf(object);
  const hook = hookTypesOf(object);
  const options = syncOptionsOf(object);
  const text = canonicalJson(object);
  const sealed = ref.group === '' && ref.kind === 'Secret';
  return {
    ...ref,
    version: versionOf(object.apiVersion),
    wave: syncWaveOf(object),
    ...(hook ? { hook } : {}),
    ...(options.length > 0 ? { options } : {}),
    phase: hook?.[0] ?? 'Sync',
    defines: definedKind(object),
    blob: { digest: (sealed ? secretDigest(text) : digestBytes(text)) as Digest, text, sealed },
    origin,
  };
}

function toBundleItem({ phase: _phase, defines: _defines, origin: _origin, blob, ...item }: Item): BundleItem {
  return { ...item, digest: blob.digest, ...(blob.sealed ? { sealed: true } : {}) };
}

function definedKind(object: KubeObject): string | undefined {
  if (object.kind !== 'CustomResourceDefinition') return undefined;
  const group = textAt(object, 'spec', 'group');
  const kind = textAt(object, 'spec', 'names', 'kind');
  return group && kind ? `${group}/${kind}` : undefined;
}

function asKubeObject(value: unknown, origin: string): KubeObject {
  if (!isObject(value)) throw new InvalidInputError(`${origin}: not a Kubernetes object`, { origin });
  const { apiVersion, kind, metadata } = value;
  const wrong = (field: string): InvalidInputError =>
    new InvalidInputError(`${origin}: ${String(kind ?? 'object')} has no ${field}; every object needs apiVersion, kind and metadata.name`, {
      origin,
      field,
    });
  if (typeof apiVersion !== 'string' || apiVersion === '') throw wrong('apiVersion');
  if (typeof kind !== 'string' || kind === '') throw wrong('kind');
  if (!isObject(metadata) || typeof metadata.name !== 'string' || metadata.name === '') throw wrong('metadata.name');
  for (const text of [metadata.name, metadata.namespace ?? '', kind]) {
    if (typeof text !== 'string' || text.includes('/')) throw wrong('readable name, namespace or kind');
  }
  return value as unknown as KubeObject;
}

function refuseDuplicates(items: readonly Item[]): void {
  const seen = new Map<string, Item>();
  for (const item of items) {
    const key = objectKey(item);
    const first = seen.get(key);
    if (first) {
      const places = [first.origin, item.origin].map((origin) => origin || 'the rendered output').join(' and ');
      throw new DuplicateObjectError(
        `${key} (${first.version}) and ${key} (${item.version}) are one object, rendered twice: in ${places}`,
        { key },
      );
    }
    seen.set(key, item);
  }
}
