import { KubeClient, KubeError, KubeUnreachableError, type LiveObject, loadKubeconfig } from '@flotilla/kubeclient';

/** What becomes of a pod, by the tag of its first image: `broken...` never gets ready, `slow...` after two seconds, anything else at once. */
export type PodFate = 'ready' | 'slow' | 'never' | 'completed';

export function podFate(pod: LiveObject): PodFate {
  const spec = pod.spec as { containers?: { image?: string }[]; restartPolicy?: string } | undefined;
  const tag = /:([\w.-]+)$/.exec(spec?.containers?.[0]?.image ?? '')?.[1] ?? '';
  if (tag.startsWith('broken')) return 'never';
  if (spec?.restartPolicy && spec.restartPolicy !== 'Always') return 'completed';
  return tag.startsWith('slow') ? 'slow' : 'ready';
}

const SLOW_MS = 2_000;
const PODS = '/api/v1/pods';
const NODE = 'fake-node';

/** Scheduler and kubelet of a control plane without nodes: binds every pod and gives it the status its image tag asks for. */
export class FakeKubelet {
  readonly #client: KubeClient;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;

  constructor(kubeconfig: string) {
    this.#client = new KubeClient(loadKubeconfig(kubeconfig));
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#client.close();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        const { items, resourceVersion } = await this.#client.list(PODS, {}, signal);
        for (const pod of items) this.#settle(pod);
        for await (const event of this.#client.watch(PODS, { resourceVersion, signal })) {
          if (event.type === 'ADDED' || event.type === 'MODIFIED') this.#settle(event.object);
        }
      } catch (error) {
        // A closed watch or an API server that restarts: list again. Anything else would hide a broken test.
        if (!signal.aborted && !isPassing(error)) throw error;
      }
    }
  }

  #settle(pod: LiveObject): void {
    this.#step(pod).catch((error: unknown) => {
      if (!this.#stopping.signal.aborted && !isPassing(error)) throw error;
    });
  }

  async #step(pod: LiveObject): Promise<void> {
    const { name, namespace = '', deletionTimestamp } = pod.metadata;
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    const { signal } = this.#stopping;
    if (deletionTimestamp) {
      await this.#client.request('DELETE', path, { body: { gracePeriodSeconds: 0 }, signal });
      return;
    }
    const spec = pod.spec as { nodeName?: string; containers: { name: string; image: string }[] };
    if (!spec.nodeName) {
      const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name }, target: { apiVersion: 'v1', kind: 'Node', name: NODE } };
      await this.#client.request('POST', `${path}/binding`, { body: binding, signal });
      return;
    }
    const phase = (pod.status as { phase?: string } | undefined)?.phase;
    if (phase === 'Running' || phase === 'Succeeded') return;
    const fate = podFate(pod);
    if (fate === 'never') return;
    if (fate === 'slow') await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
    await this.#client.request('PATCH', `${path}/status`, {
      contentType: 'application/merge-patch+json',
      body: { status: podStatus(spec.containers, fate) },
      signal,
    });
  }
}

function podStatus(containers: readonly { name: string; image: string }[], fate: PodFate): unknown {
  const completed = fate === 'completed';
  const at = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const state = completed
    ? { terminated: { exitCode: 0, reason: 'Completed', startedAt: at, finishedAt: at } }
    : { running: { startedAt: at } };
  return {
    phase: completed ? 'Succeeded' : 'Running',
    startTime: at,
    podIP: '10.0.0.1',
    podIPs: [{ ip: '10.0.0.1' }],
    conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
      type,
      status: completed && type.endsWith('Ready') ? 'False' : 'True',
      lastTransitionTime: at,
    })),
    containerStatuses: containers.map(({ name, image }) => ({
      name,
      image,
      imageID: image,
      ready: !completed,
      restartCount: 0,
      started: !completed,
      state,
    })),
  };
}

function isPassing(error: unknown): boolean {
  if (error instanceof KubeError) return [404, 409, 410, 429].includes(error.status) || error.status >= 500;
  return error instanceof KubeUnreachableError;
}
