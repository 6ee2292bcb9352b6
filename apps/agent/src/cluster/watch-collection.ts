import { type Clock, messageOf } from '@flotilla/kernel';
import type { KubeObject } from '@flotilla/kube';
import { KubeError } from '@flotilla/kubeclient';
import type { Log } from '../log.js';
import type { ClusterClient } from './cluster.client.js';

export interface CollectionSink {
  /** A complete list: whatever is not in it is gone. */
  listed(objects: KubeObject[], resourceVersion: string): void;
  changed(object: KubeObject): void;
  deleted(object: KubeObject): void;
}

export interface WatchOptions {
  client: ClusterClient;
  path: string;
  labelSelector?: string;
  /** The slow list that backs the watch; each wait is spread over 75-125 % of it. */
  relistIntervalMs: number;
  clock: Clock;
  random: () => number;
  log: Log;
  signal: AbortSignal;
}

const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 60_000;
/** A server that closes every watch at once is asked again no faster than this. */
const MIN_WATCH_MS = 1_000;

/**
 * Follows one collection until the signal aborts: list, watch from there, watch again from the last version when the server
 * closes it, list again after 410, on schedule, or after an error with a growing, jittered wait.
 */
export async function watchCollection(options: WatchOptions, sink: CollectionSink): Promise<void> {
  const { clock, random, signal, log } = options;
  let failures = 0;
  while (!signal.aborted) {
    try {
      const query = { labelSelector: options.labelSelector };
      const { items, resourceVersion } = await options.client.list(options.path, query, signal);
      sink.listed(items as KubeObject[], resourceVersion);
      failures = 0;
      const relistAt = clock.now() + options.relistIntervalMs * (0.75 + random() / 2);
      await follow(options, sink, resourceVersion, relistAt);
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof KubeError && error.status === 410) continue;
      const wait = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** Math.min(failures++, 10)) * (0.5 + random());
      const asked = error instanceof KubeError ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
      log('warn', 'watch failed', { path: options.path, error: messageOf(error), failures });
      await clock.sleep(Math.max(wait, asked), signal).catch(() => {});
    }
  }
}

async function follow(options: WatchOptions, sink: CollectionSink, from: string, relistAt: number): Promise<void> {
  const { clock, signal } = options;
  let resourceVersion = from;
  while (!signal.aborted && clock.now() < relistAt) {
    const startedAt = clock.now();
    const timeoutSeconds = String(Math.max(1, Math.ceil(Math.min(relistAt - startedAt, 300_000) / 1000)));
    const query = { labelSelector: options.labelSelector, timeoutSeconds };
    for await (const event of options.client.watch(options.path, { resourceVersion, query, signal })) {
      resourceVersion = event.object.metadata.resourceVersion ?? resourceVersion;
      if (event.type === 'DELETED') sink.deleted(event.object as KubeObject);
      else if (event.type !== 'BOOKMARK') sink.changed(event.object as KubeObject);
    }
    const shortBy = MIN_WATCH_MS - (clock.now() - startedAt);
    if (shortBy > 0) await clock.sleep(shortBy, signal).catch(() => {});
  }
}
