import { KubeClient, type KubeConfig } from '@flotilla/kubeclient';

/** A client that counts what it sends, by method. Requests of the agent's own Secrets are left out. */
export class CountingClient extends KubeClient {
  readonly sent = new Map<string, number>();
  /** Paths of PATCH, POST, PUT and DELETE requests, in order. */
  readonly writes: string[] = [];

  /** Called after each write, before its answer is seen. */
  afterWrite: (count: number) => Promise<void> = async () => {};

  constructor(config: KubeConfig) {
    super(config);
  }

  override async request<T>(method: string, path: string, options?: Parameters<KubeClient['request']>[2]): Promise<T> {
    if (path.includes('/secrets/flotilla-agent-')) return super.request<T>(method, path, options);
    this.sent.set(method, (this.sent.get(method) ?? 0) + 1);
    const answer = await super.request<T>(method, path, options);
    if (method !== 'GET') await this.afterWrite(this.writes.push(`${method} ${path}`));
    return answer;
  }
}
