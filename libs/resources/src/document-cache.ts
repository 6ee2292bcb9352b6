import type { ResourceDocument } from '@flotilla/contracts';
import { type Clock, systemClock, UnavailableError } from '@flotilla/kernel';
import { deepFreeze } from './document/deep-freeze.js';
import type { ListOptions, ResourceEvent, ResourceKey, ResourceStore } from './resource-store.js';
import { GoneError } from './resources.errors.js';

const LIST_PAGE = 500;
const RETRY_MS = 500;

export type CacheEvent = ResourceEvent['type'];

export interface DocumentCacheOptions<T extends ResourceDocument> extends Pick<ListOptions, 'namespace' | 'labels' | 'fields'> {
  /** Called once per document after the first list too, in the order of events; it only names a key and must not throw. */
  onChange?: (key: ResourceKey, event: CacheEvent, document: T) => void;
  /** Told of what made the cache list or watch again. */
  onError?: (error: unknown) => void;
  clock?: Clock;
}

/**
 * The documents of a kind in memory, kept up to date by list and watch. It starts at once, outlives a store that is
 * away, and lists again when the log no longer reaches back. Its documents are frozen.
 */
export class DocumentCache<T extends ResourceDocument = ResourceDocument> {
  /** Resolves after the first complete list; rejects when the cache is stopped before. */
  readonly ready: Promise<void>;
  readonly #store: ResourceStore;
  readonly #kind: string;
  readonly #options: DocumentCacheOptions<T>;
  readonly #documents = new Map<string, T>();
  readonly #byUid = new Map<string, T>();
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;

  constructor(store: ResourceStore, kind: string, options: DocumentCacheOptions<T> = {}) {
    this.#store = store;
    this.#kind = kind;
    this.#options = options;
    let settled = Promise.resolve();
    this.ready = new Promise((resolve, reject) => {
      settled = this.#run(resolve).finally(() => reject(new UnavailableError(`the cache of ${kind} was stopped before its first list`)));
    });
    // Nobody has to wait for it.
    this.ready.catch(() => undefined);
    this.#running = settled;
  }

  get(namespace: string, name: string): T | undefined {
    return this.#documents.get(`${namespace}/${name}`);
  }

  getByUid(uid: string): T | undefined {
    return this.#byUid.get(uid);
  }

  /** In no order. */
  list(namespace?: string): T[] {
    const all = [...this.#documents.values()];
    return namespace === undefined ? all : all.filter(({ metadata }) => (metadata.namespace ?? '') === namespace);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #run(onListed: () => void): Promise<void> {
    const { signal } = this.#stopping;
    let position: string | undefined;
    while (!signal.aborted) {
      try {
        position ??= await this.#relist();
        if (signal.aborted) return;
        onListed();
        for await (const event of this.#watch(position)) {
          position = event.resourceVersion;
          // A list's later pages may show more than the rv it is watched from.
          if (rvOf(this.#documents.get(placeOf(event.document))) < Number(position)) this.#apply(event.type, event.document);
        }
      } catch (error) {
        // Only a list can tell what happened below the log's floor; after anything else the watch goes on where it was.
        if (error instanceof GoneError) position = undefined;
        this.#options.onError?.(error);
        if (!(error instanceof GoneError)) await this.#pause();
      }
    }
  }

  #watch(resourceVersion: string): AsyncIterable<ResourceEvent<T>> {
    return this.#store.watch<T>(this.#kind, { ...this.#selection(), resourceVersion, signal: this.#stopping.signal });
  }

  /** Nothing is dropped before the last page is in: half a list is not a list. */
  async #relist(): Promise<string> {
    const found = new Map<string, T>();
    let resourceVersion: string | undefined;
    let token: string | undefined;
    do {
      const page = await this.#store.list<T>(this.#kind, { ...this.#selection(), limit: LIST_PAGE, ...(token ? { continue: token } : {}) });
      for (const document of page.items) found.set(placeOf(document), deepFreeze(document));
      resourceVersion ??= page.resourceVersion;
      token = page.continue;
    } while (token !== undefined && !this.#stopping.signal.aborted);
    if (this.#stopping.signal.aborted) return resourceVersion;
    for (const [place, document] of [...this.#documents]) if (!found.has(place)) this.#apply('DELETED', document);
    for (const [place, document] of found) this.#settle(place, document);
    return resourceVersion;
  }

  #settle(place: string, document: T): void {
    const before = this.#documents.get(place);
    if (before?.metadata.uid === document.metadata.uid && before?.metadata.resourceVersion === document.metadata.resourceVersion) return;
    if (before && before.metadata.uid !== document.metadata.uid) this.#apply('DELETED', before);
    this.#apply(this.#documents.has(place) ? 'MODIFIED' : 'ADDED', document);
  }

  #apply(event: CacheEvent, document: T): void {
    const place = placeOf(document);
    const before = this.#documents.get(place);
    if (before) this.#byUid.delete(before.metadata.uid ?? '');
    if (event === 'DELETED') this.#documents.delete(place);
    else {
      this.#documents.set(place, document);
      this.#byUid.set(document.metadata.uid ?? '', document);
    }
    const { namespace = '', name } = document.metadata;
    this.#options.onChange?.({ kind: this.#kind, namespace, name }, event, document);
  }

  #selection(): Pick<ListOptions, 'namespace' | 'labels' | 'fields'> {
    const { namespace, labels, fields } = this.#options;
    return { ...(namespace === undefined ? {} : { namespace }), ...(labels ? { labels } : {}), ...(fields ? { fields } : {}) };
  }

  async #pause(): Promise<void> {
    await (this.#options.clock ?? systemClock).sleep(RETRY_MS, this.#stopping.signal).catch(() => undefined);
  }
}

function rvOf(document: ResourceDocument | undefined): number {
  return Number(document?.metadata.resourceVersion ?? 0);
}

function placeOf({ metadata }: ResourceDocument): string {
  return `${metadata.namespace ?? ''}/${metadata.name}`;
}
