import { InvalidInputError } from '@flotilla/kernel';
import { KeyedQueue, type Outcome } from '@flotilla/reconcile';
import type { ResourceKey, ResourceStore } from '@flotilla/resources';
import { inSpan } from '@flotilla/telemetry';
import type { Route } from '../route.js';
import type { RouteScope, RunningRoute, UseCase } from './route-scope.js';

export type KindsRoute = Extract<Route<Record<string, unknown>>, { kinds: readonly string[] }>;

const DEFAULT_CONCURRENCY = 4;
const PAGE = 500;
/** Pause before listing again after a watch broke. */
const RELIST_MS = 1_000;

/**
 * Names every key of the kinds to the use case: all at start unless only changes are wanted, then whatever changed, and all again every `resyncMs`
 * and whenever a watch broke. One key is never in work twice at once; the use case reads the current state itself.
 */
export function serveKinds(route: KindsRoute, use: UseCase, scope: RouteScope): RunningRoute {
  const { store, logger, clock } = scope;
  if (!store) throw new InvalidInputError(`the route over ${route.kinds.join(', ')} needs a resource store`);
  const stopping = new AbortController();
  const signal = AbortSignal.any([scope.signal, stopping.signal]);
  /** The trace that last named a key, until it is reconciled: no larger than the queue. */
  const traces = new Map<string, string>();
  const name = String(route.use);
  const queue = new KeyedQueue({
    concurrency: route.concurrency ?? DEFAULT_CONCURRENCY,
    clock,
    reconcile: (key, ending) => {
      const traceparent = traces.get(key);
      traces.delete(key);
      return inSpan(`reconcile ${name}`, { traceparent, kind: 'consumer' }, async () => {
        return (await use(parseKey(key), { traceparent, signal: ending })) as Outcome;
      });
    },
    onFailure: (key, error, attempt) => logger.warn('a key could not be reconciled', { name, key, attempt, error }),
  });
  const add = (key: ResourceKey, traceparent?: string): void => {
    const text = keyText(key);
    if (!queue.add(text)) {
      if (!signal.aborted) logger.error('the queue is full; the key waits for the next resync', { name, key: text });
    } else if (traceparent) traces.set(text, traceparent);
  };
  const { ignoreStatus = false, changesOnly = false } = route;
  const following = route.kinds.map((kind) => follow({ kind, ignoreStatus, changesOnly }, store, add, scope, signal));
  const resyncing = route.resyncMs === undefined ? undefined : resync(route.kinds, route.resyncMs, store, add, scope, signal);
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all([...following, resyncing, queue.stop()]);
    },
  };
}

type Add = (key: ResourceKey, traceparent?: string) => void;

async function follow(
  { kind, ignoreStatus, changesOnly }: { kind: string; ignoreStatus: boolean; changesOnly: boolean },
  store: ResourceStore,
  add: Add,
  { logger, clock }: RouteScope,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      const resourceVersion = changesOnly ? await store.currentResourceVersion(kind) : await addAll(kind, store, add, signal);
      for await (const { document, traceparent, isStatusOnly } of store.watch(kind, { resourceVersion, signal })) {
        if (isStatusOnly && ignoreStatus) continue;
        add({ kind, namespace: document.metadata.namespace ?? '', name: document.metadata.name }, traceparent);
      }
    } catch (error) {
      if (!signal.aborted) logger.warn('the watch of a kind broke', { kind, error });
    }
    await clock.sleep(RELIST_MS, signal).catch(() => undefined);
  }
}

async function resync(
  kinds: readonly string[],
  everyMs: number,
  store: ResourceStore,
  add: Add,
  { logger, clock }: RouteScope,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await clock.sleep(everyMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    for (const kind of kinds) {
      await addAll(kind, store, add, signal).catch((error: unknown) => logger.warn('cannot list a kind', { kind, error }));
    }
  }
}

/** @returns the resourceVersion of the first page: watching from it names every key changed since again */
async function addAll(kind: string, store: ResourceStore, add: Add, signal: AbortSignal): Promise<string> {
  let page = await store.list(kind, { limit: PAGE });
  const { resourceVersion } = page;
  for (;;) {
    for (const { metadata } of page.items) add({ kind, namespace: metadata.namespace ?? '', name: metadata.name });
    if (page.continue === undefined || signal.aborted) return resourceVersion;
    page = await store.list(kind, { limit: PAGE, continue: page.continue });
  }
}

/** Neither kinds, namespaces nor names hold a slash. */
const keyText = ({ kind, namespace, name }: ResourceKey): string => `${kind}/${namespace}/${name}`;

function parseKey(text: string): ResourceKey {
  const [kind = '', namespace = '', name = ''] = text.split('/');
  return { kind, namespace, name };
}
