import { InvalidInputError } from '@flotilla/kernel';
import { apiVersionOf } from '../api/api-resource.js';
import type { ApiAnswer } from '../http/api-request.js';
import { badRequest } from '../http/kube-api.errors.js';
import { KubeApiError } from '../http/kube-status.js';
import { negotiate } from '../http/negotiate.js';
import type { StorageListOptions } from '../storage.js';
import { type ApiCall, groupResourceOf } from './api-call.js';
import { encodeEvent } from './encode-event.js';
import { forbidden, readCount, readFlag, readResourceVersion, readSelection, readVersionMatch } from './list-options.js';
import { presentObject } from './present.js';
import { fromStorage, isGone } from './storage-failure.js';

interface WatchRequest {
  selection: Pick<StorageListOptions, 'namespace' | 'labels' | 'fields'>;
  resourceVersion: string;
  /** Whether the stream begins with the present state. */
  startsWithState: boolean;
  /** Whether the end of the present state is marked by an annotated bookmark. */
  marksStateEnd: boolean;
  bookmarks: boolean;
  timeoutMs: number;
}

/** GET of a collection with `watch=true`: one JSON event per line until the time is over or the client leaves. */
export function watchObjects(call: ApiCall): ApiAnswer {
  const watch = readWatch(call);
  const wanted = negotiate(call.request.headers.accept);
  if (wanted.as === 'PartialObjectMetadataList') throw badRequest('a watch cannot be encoded as PartialObjectMetadataList');
  const type =
    wanted.as === 'object' ? 'application/json' : `application/json;as=${wanted.as};v=${wanted.apiVersion.split('/')[1]};g=meta.k8s.io`;
  return { status: 200, headers: { 'content-type': type, 'cache-control': 'no-cache, private' }, stream: streamEvents(call, watch) };
}

function readWatch(call: ApiCall): WatchRequest {
  const { query } = call.request;
  const { limits, random } = call.services;
  const match = readVersionMatch(call);
  const initial = query.get('sendInitialEvents');
  const version = readResourceVersion(call);
  if (initial !== null && match !== 'NotOlderThan')
    throw forbidden('sendInitialEvents requires setting resourceVersionMatch to NotOlderThan');
  if (initial === null && match !== undefined)
    throw forbidden('resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided');
  const seconds = readCount(call, 'timeoutSeconds');
  const bookmarks = readFlag(call, 'allowWatchBookmarks');
  const asksForState = initial === null ? version === '' || version === '0' : readFlag(call, 'sendInitialEvents');
  return {
    selection: readSelection(call),
    resourceVersion: version,
    startsWithState: asksForState,
    marksStateEnd: initial !== null && asksForState && bookmarks,
    bookmarks,
    timeoutMs: seconds ? seconds * 1000 : Math.round(limits.watchTimeoutMs * (1 + random(1)[0]! / 256)),
  };
}

async function* streamEvents(call: ApiCall, watch: WatchRequest): AsyncGenerator<string> {
  const ending = new AbortController();
  let isOver = false;
  const end = (): void => {
    isOver = true;
    ending.abort();
  };
  const timer = setTimeout(end, watch.timeoutMs);
  call.request.signal.addEventListener('abort', end, { once: true });
  if (call.request.signal.aborted) end();
  try {
    const encode = encodeEvent(call);
    let from = await startVersion(call, watch);
    if (watch.startsWithState) {
      const { items, resourceVersion } = await call.services.storage.list(groupResourceOf(call), watch.selection);
      for (const item of items) yield encode('ADDED', presentObject(call.resource, item));
      from = resourceVersion;
      if (watch.marksStateEnd) yield bookmark(call, from, true);
    }
    yield* liveEvents(call, watch, from, ending);
  } catch (error) {
    if (!isOver) yield errorEvent(call, error);
  } finally {
    clearTimeout(timer);
    call.request.signal.removeEventListener('abort', end);
    end();
  }
}

/** An unset version starts now; `0` says any, and now is one of them. */
async function startVersion(call: ApiCall, { resourceVersion, startsWithState }: WatchRequest): Promise<string> {
  if (startsWithState || (resourceVersion !== '' && resourceVersion !== '0')) return resourceVersion;
  return call.services.storage.currentResourceVersion(groupResourceOf(call));
}

async function* liveEvents(call: ApiCall, watch: WatchRequest, from: string, ending: AbortController): AsyncGenerator<string> {
  const { services, resource } = call;
  const encode = encodeEvent(call);
  let seen = from;
  const onProgress = (version: string): void => {
    if (BigInt(version) > BigInt(seen)) seen = version;
  };
  const options = { ...watch.selection, resourceVersion: from, signal: ending.signal, onProgress };
  const events = services.storage.watch(groupResourceOf(call), options)[Symbol.asyncIterator]();
  const ticks = watch.bookmarks ? new Ticker(services.limits.bookmarkIntervalMs) : undefined;
  try {
    let next = events.next();
    for (;;) {
      const event = await (ticks ? Promise.race([next, ticks.next()]) : next);
      if (event === 'tick') {
        yield bookmark(call, seen, false);
        continue;
      }
      if (event.done) return;
      seen = event.value.resourceVersion;
      yield encode(event.value.type, presentObject(resource, event.value.object), event.value.resourceVersion);
      next = events.next();
    }
  } finally {
    ticks?.stop();
    // A storage that waits for its next event hears an abort only.
    ending.abort();
    await events.return?.();
  }
}

/** Resolves `next()` every interval, so that a bookmark comes even when nothing happens. */
class Ticker {
  #ring: (tick: 'tick') => void = () => {};
  #tick: Promise<'tick'>;
  readonly #timer: NodeJS.Timeout;

  constructor(intervalMs: number) {
    this.#tick = this.#arm();
    this.#timer = setInterval(() => {
      const ring = this.#ring;
      this.#tick = this.#arm();
      ring('tick');
    }, intervalMs);
  }

  next(): Promise<'tick'> {
    return this.#tick;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #arm(): Promise<'tick'> {
    return new Promise((resolve) => {
      this.#ring = resolve;
    });
  }
}

function bookmark({ resource }: ApiCall, resourceVersion: string, isInitialEnd: boolean): string {
  const annotations = isInitialEnd ? { annotations: { 'k8s.io/initial-events-end': 'true' } } : {};
  const object = { kind: resource.kind, apiVersion: apiVersionOf(resource), metadata: { resourceVersion, ...annotations } };
  return `${JSON.stringify({ type: 'BOOKMARK', object })}\n`;
}

/** A stream that already answers 200 tells its failure as an event. */
function errorEvent(call: ApiCall, error: unknown): string {
  const failure = isGone(error) ? fromStorage(call, '', error) : error;
  const status =
    failure instanceof KubeApiError
      ? failure.status
      : new KubeApiError(failure instanceof InvalidInputError ? 400 : 500, 'InternalError', 'the watch failed').status;
  return `${JSON.stringify({ type: 'ERROR', object: status })}\n`;
}
