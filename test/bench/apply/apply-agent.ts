import { setTimeout as delay } from 'node:timers/promises';
import { agentConfig, silentLog, startAgent } from '@flotilla/agent';
import { AgentState, DiskStateStore, FakeHub } from '@flotilla/agent/testing';
import { KubeClient, loadKubeconfig } from '@flotilla/kubeclient';
import { configMaps } from './configmaps.js';

/** The agent as a process of its own, with documents signed by hand; it is told what to apply over the channel of its parent. */
export interface ApplyTask {
  count: number;
  version: string;
  /** Names the release: the same version under a new release is a run without a change. */
  release: string;
}

export interface ApplyResult {
  ms: number;
  requests: Record<string, number>;
  rssBytes: number;
  cpuMs: number;
  objects: number;
}

const POLL_MS = 1;
const PATIENCE_MS = 120_000;

class CountingClient extends KubeClient {
  requests: Record<string, number> = {};

  override request<T>(method: string, path: string, options?: Parameters<KubeClient['request']>[2]): Promise<T> {
    this.requests[method] = (this.requests[method] ?? 0) + 1;
    return super.request<T>(method, path, options);
  }
}

const [kubeconfig, namespace, agentDataDir] = process.argv.slice(2) as [string, string, string];
const client = new CountingClient(loadKubeconfig(kubeconfig));
const hub = new FakeHub('bench');
const config = agentConfig({ agentDataDir, agentNamespace: namespace });
await new AgentState(new DiskStateStore(agentDataDir), silentLog).saveIdentity(hub.identity);
await startAgent(config, { client, clusterStore: null, connect: () => hub.connect(), log: silentLog });

async function apply({ count, version, release }: ApplyTask): Promise<ApplyResult> {
  const bundle = await hub.bundle(configMaps(count, version));
  client.requests = {};
  const cpuBefore = process.cpuUsage();
  const startedAt = performance.now();
  hub.assign([
    {
      uid: 'uid-bench',
      namespace: 'argocd',
      name: 'bench',
      project: 'default',
      release,
      revision: version,
      bundle,
      destinationNamespace: namespace,
      syncPolicy: { automated: { prune: true, selfHeal: true } },
      apply: true,
    },
  ]);
  for (;;) {
    const status = hub.apps.get('uid-bench');
    if (status?.release === release && status.bundle === bundle && status.sync === 'Synced' && status.health === 'Healthy') {
      const ms = performance.now() - startedAt;
      const { user, system } = process.cpuUsage(cpuBefore);
      const objects = [...status.rows.values()].filter(({ sync }) => sync === 'Synced').length;
      return { ms, requests: client.requests, rssBytes: process.memoryUsage().rss, cpuMs: (user + system) / 1000, objects };
    }
    if (performance.now() - startedAt > PATIENCE_MS) throw new Error(`not applied: ${JSON.stringify({ ...status, rows: undefined })}`);
    await delay(POLL_MS);
  }
}

process.on('message', (task: ApplyTask) => {
  apply(task).then(
    (result) => process.send?.(result),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});
process.once('disconnect', () => process.exit(0));
process.send?.({ ready: true, rssBytes: process.memoryUsage().rss });
