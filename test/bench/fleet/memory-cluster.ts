import type { AgentPorts } from '@flotilla/agent';
import type { ApiResourceInfo, LiveObject, WatchEvent } from '@flotilla/kubeclient';
import { KubeClient, KubeError } from '@flotilla/kubeclient';

type ClusterClient = NonNullable<AgentPorts['client']>;

const VERBS = ['get', 'list', 'watch', 'create', 'patch', 'delete'];
const RESOURCES: ApiResourceInfo[] = [
  { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true, verbs: VERBS, subresources: [] },
  { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true, verbs: VERBS, subresources: [] },
  { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false, verbs: VERBS, subresources: [] },
];
const NOWHERE = new KubeClient({ server: 'http://127.0.0.1:1', namespace: 'default' });

/** ConfigMaps and Secrets over memory for a thousand agents in one process: what the agent's engine asks of a cluster, without a server. */
export class MemoryCluster implements ClusterClient {
  readonly pathFor = NOWHERE.pathFor.bind(NOWHERE);
  readonly #objects = new Map<string, LiveObject>();
  readonly #watchers = new Map<(event: WatchEvent) => void, string>();
  readonly #uid: string;
  readonly #onApply: (object: LiveObject) => void;
  #version = 1;

  constructor(uid: string, onApply: (object: LiveObject) => void) {
    this.#uid = uid;
    this.#onApply = onApply;
  }

  async request<T = LiveObject>(method: string, path: string): Promise<T> {
    if (method === 'GET' && path === '/version') return { gitVersion: 'v1.36.3' } as T;
    if (method === 'GET') return (path.endsWith('s') ? await this.list(path) : this.#objects.get(path)) as T;
    throw new KubeError(405, 'MethodNotAllowed', `${method} ${path}`);
  }

  async list(path: string): Promise<{ items: LiveObject[]; resourceVersion: string; metadata: object }> {
    const items = [...this.#objects].filter(([at]) => isIn(at, path)).map(([, object]) => object);
    return { items, resourceVersion: String(this.#version), metadata: {} };
  }

  async *watch(path: string, { signal }: { signal: AbortSignal }): AsyncIterable<WatchEvent> {
    const events: WatchEvent[] = [];
    let wake = (): void => {};
    const hear = (event: WatchEvent): void => {
      events.push(event);
      wake();
    };
    const stop = (): void => wake();
    this.#watchers.set(hear, path);
    signal.addEventListener('abort', stop, { once: true });
    try {
      while (!signal.aborted) {
        yield* events.splice(0);
        await new Promise<void>((resolve) => {
          wake = resolve;
          if (events.length > 0 || signal.aborted) resolve();
        });
      }
    } finally {
      signal.removeEventListener('abort', stop);
      this.#watchers.delete(hear);
    }
  }

  async apply(path: string, desired: unknown, options: { fieldManager: string }): Promise<LiveObject> {
    const { metadata, ...content } = structuredClone(desired) as LiveObject;
    const known = this.#objects.get(path);
    const { labels, annotations } = metadata;
    const fieldsV1 = fieldsOf({ ...withoutIdentity(content), metadata: { labels, annotations } });
    const object = {
      ...content,
      metadata: {
        ...metadata,
        uid: known?.metadata.uid ?? `${this.#uid}-${this.#objects.size}`,
        resourceVersion: String(++this.#version),
        managedFields: [{ manager: options.fieldManager, operation: 'Apply', apiVersion: 'v1', fieldsType: 'FieldsV1', fieldsV1 }],
      },
    } as unknown as LiveObject;
    this.#objects.set(path, object);
    this.#onApply(object);
    for (const [hear, from] of this.#watchers) if (isIn(path, from)) hear({ type: known ? 'MODIFIED' : 'ADDED', object });
    return object;
  }

  async get(path: string): Promise<LiveObject | undefined> {
    if (path === '/api/v1/namespaces/kube-system') {
      return { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'kube-system', uid: this.#uid } };
    }
    return this.#objects.get(path);
  }

  async discover(): Promise<ApiResourceInfo[]> {
    return RESOURCES;
  }

  async resourceFor(apiVersion: string, kind: string): Promise<ApiResourceInfo | undefined> {
    return RESOURCES.find((info) => info.version === apiVersion && info.kind === kind);
  }

  close(): void {}
}

/** `/api/v1/configmaps` holds `/api/v1/namespaces/x/configmaps/y`. */
function isIn(path: string, collection: string): boolean {
  const plural = collection.split('/').at(-1);
  const segments = path.split('/');
  return segments.at(-2) === plural && (path.startsWith(`${collection}/`) || !collection.includes('/namespaces/'));
}

function withoutIdentity({ apiVersion: _, kind: __, ...content }: Record<string, unknown>): Record<string, unknown> {
  return content;
}

/** Ownership of every leaf of an object of maps, as server-side apply records it. */
function fieldsOf(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, child]) => child !== undefined)
      .map(([key, child]) => [`f:${key}`, typeof child === 'object' && child !== null ? fieldsOf(child as Record<string, unknown>) : {}]),
  );
}
