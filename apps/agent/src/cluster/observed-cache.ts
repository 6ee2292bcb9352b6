import { type KubeObject, objectKey, refOf, type TextDigest, versionOf } from '@flotilla/kube';
import { isOlderVersion, type Observed, observe, observedKey } from './observed.js';

/** Objects of one kind, in one namespace or in all of them. */
export interface Collection {
  group: string;
  version: string;
  kind: string;
  namespace?: string;
}

type Listener = (key: string, observed: Observed | undefined, before: Observed | undefined) => void;

/** The live objects that carry our label, as the watches and our own requests saw them last. */
export class ObservedCache {
  readonly #objects = new Map<string, Observed>();
  readonly #digest: TextDigest;
  #listener: Listener = () => {};

  constructor(digest: TextDigest) {
    this.#digest = digest;
  }

  onChange(listener: Listener): void {
    this.#listener = listener;
  }

  get size(): number {
    return this.#objects.size;
  }

  get(version: string, key: string): Observed | undefined {
    return this.#objects.get(observedKey(version, key));
  }

  /** Takes an object from a watch, a list or an answer; an older one than is known changes nothing. */
  upsert(object: KubeObject): Observed {
    const at = observedKey(versionOf(object.apiVersion), objectKey(refOf(object)));
    const before = this.#objects.get(at);
    const { uid, resourceVersion } = object.metadata;
    // The watch's echo of an answer that was taken already.
    if (before && uid !== undefined && before.meta.uid === uid && before.meta.resourceVersion === resourceVersion) return before;
    const seen = observe(object, this.#digest);
    const isStale = before?.meta.uid === seen.meta.uid && isOlderVersion(seen.meta.resourceVersion, before?.meta.resourceVersion);
    if (before && isStale) return before;
    this.#objects.set(at, seen);
    if (!before || isNews(before, seen)) this.#listener(seen.key, seen, before);
    return seen;
  }

  /** Forgets an object that is gone or lost our label. */
  remove(version: string, key: string, uid?: string): void {
    const at = observedKey(version, key);
    const before = this.#objects.get(at);
    if (!before || (uid !== undefined && before.meta.uid !== uid)) return;
    this.#objects.delete(at);
    this.#listener(key, undefined, before);
  }

  /** After a list of one kind, in one namespace or all: forgets what the list did not hold and is not newer than it. */
  retain(collection: Collection, listed: ReadonlySet<string>, listVersion: string): void {
    const { group, version, kind, namespace } = collection;
    const prefix = observedKey(version, `${group}/${kind}/${namespace === undefined ? '' : `${namespace}/`}`);
    for (const [at, { key, meta }] of this.#objects) {
      if (!at.startsWith(prefix) || listed.has(key) || isOlderVersion(listVersion, meta.resourceVersion)) continue;
      this.remove(version, key);
    }
  }
}

function isNews(before: Observed, now: Observed): boolean {
  return (
    before.projection !== now.projection ||
    before.meta.uid !== now.meta.uid ||
    before.deleting !== now.deleting ||
    before.health?.status !== now.health?.status ||
    before.health?.message !== now.health?.message ||
    before.ignoresHealth !== now.ignoresHealth ||
    JSON.stringify([before.meta.labels, before.meta.annotations]) !== JSON.stringify([now.meta.labels, now.meta.annotations])
  );
}
