import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SignedHeader } from '@flotilla/contracts';
import type { SpokeCluster } from '@flotilla/demo';
import type { KubeClient } from '@flotilla/kubeclient';

const SAMPLE_MS = 50;
const WATCHED = { ConfigMap: '/api/v1/configmaps', Deployment: '/apis/apps/v1/deployments' };

/**
 * What happened to the clusters, as they themselves saw it: each object that went, and each (epoch, generation) an agent held.
 * The sampling may miss a generation and never sees one that was not held.
 */
export class ClusterHistory {
  /** `cluster/Kind/name`, in the order of the deletions on each cluster. */
  readonly deleted: string[] = [];
  /** For each cluster the different (epoch, generation) pairs in the order in which they were held. */
  readonly generations = new Map<string, { epoch: number; generation: number }[]>();
  readonly #stop = new AbortController();
  readonly #watches: Promise<void>[] = [];
  #timer: NodeJS.Timeout | undefined;

  static async follow(spokes: readonly SpokeCluster[], directory: string): Promise<ClusterHistory> {
    const history = new ClusterHistory();
    for (const { name, client } of spokes) {
      history.generations.set(name, []);
      for (const [kind, path] of Object.entries(WATCHED)) {
        const { resourceVersion } = await client.list(path);
        history.#watches.push(history.#watch(client, path, resourceVersion, `${name}/${kind}`));
      }
    }
    history.#timer = setInterval(() => history.#sample(directory), SAMPLE_MS);
    return history;
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await Promise.allSettled(this.#watches);
  }

  /** Pairs that came after a newer one. */
  setbacks(): string[] {
    return [...this.generations].flatMap(([name, held]) =>
      held.flatMap(({ epoch, generation }, i) => {
        const before = held[i - 1];
        const isNewer = !before || epoch > before.epoch || (epoch === before.epoch && generation > before.generation);
        return isNewer ? [] : [`${name}: (${epoch}, ${generation}) after (${before.epoch}, ${before.generation})`];
      }),
    );
  }

  async #watch(client: KubeClient, path: string, resourceVersion: string, prefix: string): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      for await (const { type, object } of client.watch(path, { resourceVersion, signal })) {
        resourceVersion = object.metadata.resourceVersion ?? resourceVersion;
        if (type === 'DELETED') this.deleted.push(`${prefix}/${object.metadata.name}`);
      }
    }
  }

  #sample(directory: string): void {
    for (const [name, held] of this.generations) {
      const header = heldHeader(join(directory, 'agents', name, 'document'));
      const last = held.at(-1);
      if (header && (header.epoch !== last?.epoch || header.generation !== last.generation)) held.push(header);
    }
  }
}

/** The header of the document an agent holds: a checksum line, then JSON; undefined before the first. */
function heldHeader(file: string): { epoch: number; generation: number } | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
  const { signed } = JSON.parse(text.slice(text.indexOf('\n') + 1)) as { signed: SignedHeader };
  const { epoch, generation } = signed.header;
  return { epoch, generation };
}
