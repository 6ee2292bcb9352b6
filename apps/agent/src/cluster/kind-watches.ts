import { type Clock, UnavailableError } from '@flotilla/kernel';
import { groupOf, type KubeObject, MANAGED_LABEL, objectKey, refOf, versionOf } from '@flotilla/kube';
import type { ApiResourceInfo } from '@flotilla/kubeclient';
import type { Log } from '../log.js';
import type { OpenClient } from './cluster.client.js';
import type { ObservedCache } from './observed-cache.js';
import { watchCollection } from './watch-collection.js';

export interface KindWatchesOptions {
  openClient: OpenClient;
  cache: ObservedCache;
  fleet: string;
  /** Where to look for namespaced kinds; default everywhere. */
  namespaces?: readonly string[];
  relistIntervalMs: number;
  clock: Clock;
  random: () => number;
  log: Log;
}

interface Watch {
  stop: AbortController;
  synced: Promise<void>;
  running: Promise<void>;
}

/** A first list that takes longer is told as an unknown state. */
const FIRST_LIST_MS = 30_000;
/** At most this many kinds are watched; a spoke's bundles name far fewer. */
const MAX_KINDS = 500;

/** One watch per kind in use (and per namespace, where this spoke's owner names some), on the objects that carry our label. */
export class KindWatches {
  readonly #options: KindWatchesOptions;
  readonly #watches = new Map<string, Watch>();

  constructor(options: KindWatchesOptions) {
    this.#options = options;
  }

  /** Starts what is missing and waits until each of the named kinds was listed once and `ready` is. */
  async ensure(infos: readonly ApiResourceInfo[], ready: Promise<void>): Promise<void> {
    const wanted = new Map(infos.filter(({ verbs }) => verbs.includes('watch')).map((info) => [watchKey(info), info]));
    for (const [key, info] of wanted) {
      if (!this.#watches.has(key) && this.#watches.size < MAX_KINDS) this.#watches.set(key, this.#start(info));
    }
    const listed = Promise.all([ready, ...[...wanted.keys()].map((key) => this.#watches.get(key)?.synced)]).then(() => true as const);
    // Nearly always all were listed long ago: then nothing is made to wait with, and to be taken down again.
    const isListed = (await Promise.race([listed, nextTurn().then(() => false)])) || (await this.#patiently(listed));
    if (!isListed) throw new UnavailableError('the cluster did not list the kinds in use in time');
  }

  async #patiently(listed: Promise<true>): Promise<boolean> {
    const patience = new AbortController();
    try {
      return await Promise.race([listed, this.#options.clock.sleep(FIRST_LIST_MS, patience.signal).then(() => false)]);
    } finally {
      patience.abort();
    }
  }

  /** Stops the watches of kinds no longer in use. */
  retain(infos: readonly ApiResourceInfo[]): void {
    const wanted = new Set(infos.map(watchKey));
    for (const [key, watch] of this.#watches) {
      if (wanted.has(key)) continue;
      watch.stop.abort();
      this.#watches.delete(key);
    }
  }

  async stop(): Promise<void> {
    const watches = [...this.#watches.values()];
    this.#watches.clear();
    for (const { stop } of watches) stop.abort();
    await Promise.all(watches.map(({ running }) => running));
  }

  #start(info: ApiResourceInfo): Watch {
    const stop = new AbortController();
    const places: readonly (string | undefined)[] = (info.namespaced ? this.#options.namespaces : undefined) ?? [undefined];
    const watches = places.map((namespace) => this.#watch(info, namespace, stop.signal));
    const all = (promises: Promise<void>[]): Promise<void> => Promise.all(promises).then(() => {});
    return { stop, synced: all(watches.map(({ synced }) => synced)), running: all(watches.map(({ running }) => running)) };
  }

  #watch(info: ApiResourceInfo, namespace: string | undefined, signal: AbortSignal): Omit<Watch, 'stop'> {
    const { openClient, cache, fleet, relistIntervalMs, clock, random, log } = this.#options;
    const { client, release } = openClient();
    let markSynced = (): void => {};
    const synced = new Promise<void>((resolve) => {
      markSynced = resolve;
    });
    const labelSelector = `${MANAGED_LABEL}=${fleet}`;
    const path = client.pathFor(info, namespace);
    const running = watchCollection(
      { client, path, labelSelector, relistIntervalMs, clock, random, log, signal },
      {
        listed: (objects, resourceVersion) => {
          for (const object of objects) cache.upsert(object);
          cache.retain({ ...info, namespace }, new Set(objects.map(keyOf)), resourceVersion);
          markSynced();
        },
        changed: (object) => cache.upsert(object),
        deleted: (object) => cache.remove(versionOf(object.apiVersion), keyOf(object), object.metadata.uid),
      },
    ).finally(() => {
      markSynced();
      release();
    });
    return { synced, running };
  }
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const watchKey = (info: ApiResourceInfo): string => `${info.group}/${info.version}/${info.kind}`;
const keyOf = (object: KubeObject): string => objectKey({ ...refOf(object), group: groupOf(object.apiVersion) });
