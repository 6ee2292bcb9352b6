import { type ApiResourceInfo, discover } from './discovery.js';
import { KubeError } from './kube.errors.js';
import type { KubeConfig } from './kube-config.js';
import { type RequestOptions, Transport } from './transport.js';
import { readLines } from './watch-stream.js';

/** An object as the API server sends it. */
export interface LiveObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    [field: string]: unknown;
  };
  [field: string]: unknown;
}

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  object: LiveObject;
}

export interface ApplyOptions {
  fieldManager: string;
  force?: boolean;
  dryRun?: boolean;
  fieldValidation?: 'Ignore' | 'Warn' | 'Strict';
  signal?: AbortSignal;
  timeoutMs?: number;
}

const APPLY_PATCH = 'application/apply-patch+yaml';
/** A miss asks discovery again at most this often. */
const REDISCOVER_AFTER_MS = 2_000;

/** A small Kubernetes client over node:http(s): no model classes, keep-alive, bounded. */
export class KubeClient {
  readonly #transport: Transport;
  #resources: Promise<ApiResourceInfo[]> | undefined;
  #discoveredAt = 0;

  constructor(config: KubeConfig) {
    this.#transport = new Transport(config);
  }

  /** @throws KubeError for an error status, KubeUnreachableError without an answer */
  request<T = LiveObject>(method: string, path: string, options: RequestOptions = {}): Promise<T> {
    return this.#transport.json<T>(method, path, options);
  }

  /** All pages of a collection. */
  async list(
    path: string,
    query: Record<string, string | undefined> = {},
    signal?: AbortSignal,
  ): Promise<{ items: LiveObject[]; resourceVersion: string }> {
    const items: LiveObject[] = [];
    let next: string | undefined;
    for (;;) {
      const page = await this.request<{
        apiVersion: string;
        kind: string;
        items: LiveObject[];
        metadata: { resourceVersion: string; continue?: string };
      }>('GET', path, {
        query: { limit: '500', ...query, continue: next },
        signal,
      });
      const kind = page.kind.replace(/List$/, '');
      // Lists leave apiVersion and kind out of their items.
      for (const item of page.items ?? []) items.push({ ...item, apiVersion: item.apiVersion ?? page.apiVersion, kind: item.kind ?? kind });
      next = page.metadata.continue;
      if (!next) return { items, resourceVersion: page.metadata.resourceVersion };
    }
  }

  /**
   * Events after `resourceVersion`; ends when the server closes the watch or the signal aborts.
   * @throws KubeError with status 410 when the server no longer has that version
   */
  async *watch(
    path: string,
    options: { resourceVersion: string; query?: Record<string, string | undefined>; signal: AbortSignal },
  ): AsyncIterable<WatchEvent> {
    const query = { watch: 'true', allowWatchBookmarks: 'true', resourceVersion: options.resourceVersion, ...options.query };
    const response = await this.#transport.open('GET', path, { query, signal: options.signal, isStream: true });
    for await (const line of readLines(response, options.signal)) {
      const event = line as { type: string; object: Record<string, unknown> };
      if (event.type === 'ERROR') {
        const { code, reason, message } = event.object as { code?: number; reason?: string; message?: string };
        throw new KubeError(code ?? 500, reason ?? 'Unknown', message ?? 'the watch failed');
      }
      yield event as unknown as WatchEvent;
    }
  }

  /** Server-side apply of one object. */
  apply(path: string, object: unknown, options: ApplyOptions): Promise<LiveObject> {
    const query = {
      fieldManager: options.fieldManager,
      force: options.force ? 'true' : undefined,
      dryRun: options.dryRun ? 'All' : undefined,
      fieldValidation: options.fieldValidation,
    };
    return this.request('PATCH', path, {
      query,
      body: object,
      contentType: APPLY_PATCH,
      signal: options.signal,
      timeoutMs: options.timeoutMs,
    });
  }

  /** The object, or undefined when the server says NotFound. */
  async get(path: string, signal?: AbortSignal): Promise<LiveObject | undefined> {
    try {
      return await this.request('GET', path, { signal });
    } catch (error) {
      if (error instanceof KubeError && error.status === 404) return undefined;
      throw error;
    }
  }

  discover(): Promise<ApiResourceInfo[]> {
    this.#discoveredAt = Date.now();
    const reading = discover(this.#transport);
    this.#resources = reading;
    reading.catch(() => {
      if (this.#resources === reading) this.#resources = undefined;
    });
    return reading;
  }

  /** The resource that serves a kind; a miss reads discovery again, as a CRD may have come. */
  async resourceFor(apiVersion: string, kind: string): Promise<ApiResourceInfo | undefined> {
    const find = (resources: ApiResourceInfo[]) => resources.find((info) => info.kind === kind && apiVersionOf(info) === apiVersion);
    const known = find(await (this.#resources ?? this.discover()));
    if (known || Date.now() - this.#discoveredAt < REDISCOVER_AFTER_MS) return known;
    return find(await this.discover());
  }

  pathFor(info: ApiResourceInfo, namespace: string | undefined, name?: string, subresource?: string): string {
    const root = info.group === '' ? `/api/${info.version}` : `/apis/${info.group}/${info.version}`;
    const scope = info.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : '';
    return `${root}${scope}/${info.plural}${name === undefined ? '' : `/${encodeURIComponent(name)}`}${subresource ? `/${subresource}` : ''}`;
  }

  close(): void {
    this.#transport.close();
  }
}

export function apiVersionOf(info: Pick<ApiResourceInfo, 'group' | 'version'>): string {
  return info.group === '' ? info.version : `${info.group}/${info.version}`;
}
