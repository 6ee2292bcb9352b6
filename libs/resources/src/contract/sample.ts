import { setTimeout as delay } from 'node:timers/promises';
import type { ResourceDocument } from '@flotilla/contracts';
import type { ApplicationStatusWriter, ResourceEvent, ResourceStore, WatchOptions } from '../resource-store.js';

/** A store under test; each test uses a kind of its own, or names of its own. */
export interface StoreUnderTest {
  store: ResourceStore;
  statuses: ApplicationStatusWriter;
  /** Drops the log so far, as the retention does in time. */
  forgetLog(): Promise<void>;
  close(): Promise<void>;
}

export const CONTEXT = { actor: 'tester' };

let kinds = 0;
/** A kind no other test uses, so that its clock and its log are the test's own. */
export function freshKind(): string {
  kinds += 1;
  return `Kind${kinds}`;
}

/** A document of any kind: the store does not look into it. */
export function sample(
  kind: string,
  name: string,
  metadata: Partial<ResourceDocument['metadata']> = {},
  body: object = {},
): ResourceDocument {
  return { apiVersion: 'v1', kind, metadata: { name, namespace: 'argocd', ...metadata }, spec: { size: 1 }, ...body };
}

export const keyOf = (kind: string, name: string) => ({ kind, namespace: 'argocd', name });

export async function create(store: ResourceStore, ...documents: ResourceDocument[]): Promise<ResourceDocument[]> {
  return store.transaction(CONTEXT, (tx) => Promise.all(documents.map((document) => tx.create(document))));
}

export function update(store: ResourceStore, document: ResourceDocument): Promise<ResourceDocument> {
  return store.transaction(CONTEXT, (tx) => tx.update(document));
}

export function remove(store: ResourceStore, kind: string, name: string, propagation?: 'background' | 'orphan') {
  return store.transaction(CONTEXT, (tx) => tx.delete(keyOf(kind, name), propagation ? { propagation } : {}));
}

/** The next `count` events of a watch, which then ends. */
export async function collect(
  store: ResourceStore,
  kind: string,
  count: number,
  options: Omit<WatchOptions, 'signal'>,
): Promise<ResourceEvent[]> {
  const stop = new AbortController();
  const events: ResourceEvent[] = [];
  for await (const event of store.watch(kind, { ...options, signal: stop.signal })) {
    events.push(event);
    if (events.length >= count) stop.abort();
  }
  return events;
}

export const named = (events: readonly ResourceEvent[]) => events.map(({ type, document }) => `${type} ${document.metadata.name}`);

/** Until the wall clock has moved on, so that the next write has a later time. */
export async function nextMillisecond(): Promise<void> {
  const start = Date.now();
  while (Date.now() <= start + 1) await delay(1);
}
