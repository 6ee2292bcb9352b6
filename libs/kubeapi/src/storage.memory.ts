import { type Clock, ConflictError, InvalidInputError, isObject, newUid, systemClock } from '@flotilla/kernel';
import { EventLog } from './event-log.js';
import { type Selection, selects } from './select-objects.js';
import {
  type GroupResource,
  type KubeObject,
  KubeStorage,
  type RequestUser,
  type StorageEvent,
  type StorageListOptions,
} from './storage.js';

/** An object of that resource, namespace and name exists. */
export class AlreadyExistsError extends ConflictError {
  override readonly code = 'already-exists';
  override readonly retry = 'never';
}

export interface MemoryStorageOptions {
  /** Changes per resource a watch can go back (default 1,000). */
  logCapacity?: number;
  clock?: Clock;
}

interface Table {
  objects: Map<string, KubeObject>;
  log: EventLog;
}

const FOREGROUND = 'foregroundDeletion';
const ORPHAN = 'orphan';

/**
 * Objects in memory, with one resourceVersion for all resources as etcd has it. Stored objects are never changed; callers
 * must not change what they hand in or get out either.
 */
export class MemoryStorage extends KubeStorage {
  readonly #tables = new Map<string, Table>();
  readonly #capacity: number;
  readonly #clock: Clock;
  #version = 1n;

  constructor({ logCapacity = 1_000, clock = systemClock }: MemoryStorageOptions = {}) {
    super();
    this.#capacity = logCapacity;
    this.#clock = clock;
  }

  async get(resource: GroupResource, namespace: string, name: string): Promise<KubeObject | undefined> {
    return this.#table(resource).objects.get(placeOf(namespace, name));
  }

  async list(resource: GroupResource, options: StorageListOptions) {
    if (options.asOf !== undefined) throw new InvalidInputError('a memory store keeps no history: asOf is not supported');
    const after = options.continue === undefined ? undefined : readToken(options.continue);
    const selected = this.#selected(resource, options).filter((object) => after === undefined || placeOfObject(object) > after);
    const items = options.limit === undefined ? selected : selected.slice(0, options.limit);
    const remaining = selected.length - items.length;
    const page = { items, resourceVersion: String(this.#version) };
    const isFiltered = (options.labels?.length ?? 0) + (options.fields?.length ?? 0) > 0;
    if (remaining === 0) return page;
    return { ...page, continue: writeToken(placeOfObject(items.at(-1)!)), ...(isFiltered ? {} : { remaining }) };
  }

  async *watch(resource: GroupResource, options: Parameters<KubeStorage['watch']>[1]): AsyncGenerator<StorageEvent> {
    const { log } = this.#table(resource);
    const { signal, onProgress } = options;
    let position = log.positionAfter(BigInt(options.resourceVersion));
    let wake = (): void => {};
    const stopListening = log.listen(() => wake());
    signal.addEventListener('abort', () => wake(), { once: true });
    try {
      while (!signal.aborted) {
        const entry = log.at(position);
        if (entry) {
          position += 1;
          const event = eventOf(entry, options);
          if (event) yield event;
          continue;
        }
        const grown = new Promise<void>((resolve) => {
          wake = resolve;
        });
        onProgress?.(String(this.#version));
        await grown;
      }
    } finally {
      stopListening();
    }
  }

  async currentResourceVersion(): Promise<string> {
    return String(this.#version);
  }

  async create(resource: GroupResource, object: KubeObject, _user: RequestUser): Promise<KubeObject> {
    const place = placeOfObject(object);
    if (this.#table(resource).objects.has(place)) {
      throw new AlreadyExistsError(`${resource.resource} ${JSON.stringify(object.metadata.name)} exists`, {
        ...resource,
        name: object.metadata.name,
      });
    }
    const { uid = newUid(), creationTimestamp = this.#now() } = object.metadata;
    return this.#put(resource, undefined, { ...object, metadata: { ...object.metadata, uid, creationTimestamp } });
  }

  async update(resource: GroupResource, object: KubeObject, _user: RequestUser): Promise<KubeObject> {
    const place = placeOfObject(object);
    const live = this.#table(resource).objects.get(place);
    const { resourceVersion } = object.metadata;
    if (!live || (resourceVersion && resourceVersion !== live.metadata.resourceVersion)) {
      throw new ConflictError(`${resource.resource} ${JSON.stringify(object.metadata.name)} has changed: read it again`, { ...resource });
    }
    const isDone = live.metadata.deletionTimestamp !== undefined && !hasFinalizers(object);
    return isDone ? this.#remove(resource, object, live) : this.#put(resource, live, object);
  }

  async delete(
    resource: GroupResource,
    namespace: string,
    name: string,
    options: Parameters<KubeStorage['delete']>[3],
    _user: RequestUser,
  ): Promise<{ object: KubeObject; removed: boolean } | undefined> {
    const live = this.#table(resource).objects.get(placeOf(namespace, name));
    if (!live) return undefined;
    const { uid, resourceVersion } = options;
    if ((uid && uid !== live.metadata.uid) || (resourceVersion && resourceVersion !== live.metadata.resourceVersion)) {
      throw new ConflictError(`${resource.resource} ${JSON.stringify(name)} is not the one to delete: read it again`, {
        ...resource,
        name,
      });
    }
    const finalizers = finalizersFor(live, options.propagation);
    if (finalizers.length === 0) return { object: this.#remove(resource, live, live), removed: true };
    const isMarked = live.metadata.deletionTimestamp !== undefined && finalizers.length === live.metadata.finalizers?.length;
    if (isMarked) return { object: live, removed: false };
    const deletion = { deletionTimestamp: live.metadata.deletionTimestamp ?? this.#now(), deletionGracePeriodSeconds: 0 };
    const generation = live.metadata.generation === undefined ? {} : { generation: live.metadata.generation + 1 };
    const marked = { ...live, metadata: { ...live.metadata, ...deletion, ...generation, finalizers } };
    return { object: this.#put(resource, live, marked), removed: false };
  }

  #table({ group, resource }: GroupResource): Table {
    const key = `${group}/${resource}`;
    const known = this.#tables.get(key);
    if (known) return known;
    // Nothing happened to this resource before its table was made.
    const table = { objects: new Map<string, KubeObject>(), log: new EventLog(this.#capacity, 0n) };
    this.#tables.set(key, table);
    return table;
  }

  #selected(resource: GroupResource, selection: Selection): KubeObject[] {
    return [...this.#table(resource).objects.values()].filter((object) => selects(selection, object)).sort(byPlace);
  }

  #put(resource: GroupResource, before: KubeObject | undefined, object: KubeObject): KubeObject {
    const { objects, log } = this.#table(resource);
    const after = this.#versioned(object);
    objects.set(placeOfObject(after), after);
    log.append({ resourceVersion: this.#version, before, after });
    return after;
  }

  #remove(resource: GroupResource, object: KubeObject, before: KubeObject): KubeObject {
    const { objects, log } = this.#table(resource);
    const last = this.#versioned(object);
    objects.delete(placeOfObject(object));
    log.append({
      resourceVersion: this.#version,
      before: { ...last, metadata: { ...last.metadata, labels: before.metadata.labels } },
      after: undefined,
    });
    return last;
  }

  #versioned(object: KubeObject): KubeObject {
    this.#version += 1n;
    return { ...object, metadata: { ...object.metadata, resourceVersion: String(this.#version) } };
  }

  #now(): string {
    return `${new Date(this.#clock.now()).toISOString().slice(0, 19)}Z`;
  }
}

/** What a watcher with this selection sees of a change: entering the selection is ADDED, leaving it DELETED. */
function eventOf({ before, after, resourceVersion }: ReturnType<EventLog['at']> & object, selection: Selection): StorageEvent | undefined {
  const was = before !== undefined && selects(selection, before);
  const is = after !== undefined && selects(selection, after);
  const version = String(resourceVersion);
  if (is) return { type: was ? 'MODIFIED' : 'ADDED', object: after, resourceVersion: version };
  return was ? { type: 'DELETED', object: before, resourceVersion: version } : undefined;
}

function finalizersFor({ metadata }: KubeObject, propagation: string | undefined): string[] {
  const own = (metadata.finalizers ?? []).filter((name) => name !== FOREGROUND && name !== ORPHAN);
  const kept = (metadata.finalizers ?? []).filter((name) => name === FOREGROUND || name === ORPHAN);
  if (propagation === 'Foreground') return [...own, FOREGROUND];
  if (propagation === 'Orphan') return [...own, ORPHAN];
  return propagation === 'Background' ? own : [...own, ...kept];
}

/** A namespace has finalizers in its spec too: it is emptied before it goes. */
function hasFinalizers({ kind, metadata, spec }: KubeObject): boolean {
  const own = kind === 'Namespace' && isObject(spec) && Array.isArray(spec.finalizers) ? spec.finalizers : [];
  return (metadata.finalizers?.length ?? 0) + own.length > 0;
}

function placeOf(namespace: string, name: string): string {
  return `${namespace}/${name}`;
}

function placeOfObject({ metadata }: KubeObject): string {
  return placeOf(metadata.namespace ?? '', metadata.name);
}

function byPlace(a: KubeObject, b: KubeObject): number {
  const [left, right] = [placeOfObject(a), placeOfObject(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function writeToken(place: string): string {
  return Buffer.from(JSON.stringify({ v: 1, after: place })).toString('base64url');
}

function readToken(token: string): string {
  try {
    const { after } = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as { after?: unknown };
    if (typeof after === 'string') return after;
  } catch {
    // Falls through to the one answer for every unreadable token.
  }
  throw new InvalidInputError('continue key is not valid');
}
