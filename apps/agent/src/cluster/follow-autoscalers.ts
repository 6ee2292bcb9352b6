import { messageOf } from '@flotilla/kernel';
import type { KubeObject } from '@flotilla/kube';
import type { AutoscaledTargets } from './autoscaled-targets.js';
import type { ClusterClient, OpenClient } from './cluster.client.js';
import { type WatchOptions, watchCollection } from './watch-collection.js';

const RETRY_MS = 2_000;

/** Follows every HorizontalPodAutoscaler of the cluster, or of some namespaces, not only ours: what it scales is left to it. */
export function followAutoscalers(
  targets: AutoscaledTargets,
  options: Omit<WatchOptions, 'path' | 'signal'> & { client: ClusterClient; openClient: OpenClient; namespaces?: readonly string[] },
): AbortController {
  const stopping = new AbortController();
  const { signal } = stopping;
  const follow = async (): Promise<void> => {
    const info = await options.client.resourceFor('autoscaling/v2', 'HorizontalPodAutoscaler');
    if (!info) {
      targets.markReady();
      return;
    }
    const places: readonly (string | undefined)[] = options.namespaces ?? [undefined];
    const unlisted = new Set(places);
    await Promise.all(
      places.map(async (namespace) => {
        const { client, release } = options.openClient();
        const listed = (objects: KubeObject[]): void => {
          targets.replace(objects, namespace);
          unlisted.delete(namespace);
          if (unlisted.size === 0) targets.markReady();
        };
        await watchCollection(
          { ...options, client, path: client.pathFor(info, namespace), signal },
          { listed, changed: (object) => targets.set(object), deleted: (object) => targets.remove(object) },
        );
        release();
      }),
    );
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted) {
      try {
        return await follow();
      } catch (error) {
        options.log('warn', 'autoscalers not watched', { error: messageOf(error) });
        await options.clock.sleep(RETRY_MS, signal).catch(() => {});
      }
    }
  };
  run().catch((error: unknown) => options.log('error', 'autoscalers not watched', { error: messageOf(error) }));
  return stopping;
}
