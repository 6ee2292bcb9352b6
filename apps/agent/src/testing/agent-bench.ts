import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppStatus, DesiredApp, ResourceStatus } from '@flotilla/contracts';
import { newUid } from '@flotilla/kernel';
import { KubeClient, loadKubeconfig } from '@flotilla/kubeclient';
import { type AgentConfig, agentConfig } from '../agent.config.js';
import { FakeHub } from '../link/hub.link.fake.js';
import { silentLog } from '../log.js';
import { type AgentPorts, type RunningAgent, startAgent } from '../start-agent.js';
import { AgentState } from '../state/agent-state.js';
import { DiskStateStore } from '../state/state.store.disk.js';
import { CountingClient } from './counting-client.js';

const PATIENCE_MS = 25_000;
const POLL_MS = 25;

/** Waits until a condition gives a value; the last error or the name says what did not come. */
export async function eventually<T>(name: string, look: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  const until = Date.now() + PATIENCE_MS;
  let last: unknown;
  while (Date.now() < until) {
    try {
      const found = await look();
      if (found !== undefined && found !== false) return found;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`waited in vain for ${name}${last ? `: ${String(last)}` : ''}`);
}

/** One agent on one cluster with a fake hub, in namespaces of its own. */
export class AgentBench {
  readonly hub: FakeHub;
  readonly kube: KubeClient;
  readonly namespace = `t-${newUid().slice(0, 8)}`;
  client: CountingClient;
  agent: RunningAgent | undefined;
  readonly #agentKubeconfig: string;
  #dir = '';
  readonly #namespaces: string[] = [];

  constructor(kubeconfig: string, agentKubeconfig = kubeconfig) {
    this.#agentKubeconfig = agentKubeconfig;
    this.hub = new FakeHub(`f${newUid().slice(0, 8)}`);
    this.kube = new KubeClient(loadKubeconfig(kubeconfig));
    this.client = new CountingClient(loadKubeconfig(agentKubeconfig));
  }

  get stateDir(): string {
    return this.#dir;
  }

  async open(): Promise<void> {
    this.#dir = await mkdtemp(join(tmpdir(), 'flotilla-agent-'));
    await this.makeNamespace(this.namespace);
    const state = new AgentState(new DiskStateStore(this.#dir), silentLog);
    await state.saveIdentity(this.hub.identity);
  }

  async makeNamespace(name: string): Promise<void> {
    await this.kube.request('POST', '/api/v1/namespaces', { body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name } } });
    this.#namespaces.push(name);
  }

  async start(settings: Partial<AgentConfig> = {}, ports: AgentPorts = {}): Promise<RunningAgent> {
    this.client = new CountingClient(loadKubeconfig(this.#agentKubeconfig));
    const config = agentConfig({ agentDataDir: this.#dir, agentNamespace: this.namespace, ...settings });
    this.agent = await startAgent(config, {
      client: this.client,
      connect: () => this.hub.connect(),
      log: silentLog,
      ...ports,
    });
    return this.agent;
  }

  async stop(): Promise<void> {
    await this.agent?.stop();
    this.agent = undefined;
  }

  /** Stops and starts as another process would: nothing but the disk is carried over. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  async close(): Promise<void> {
    await this.stop();
    for (const name of this.#namespaces) await this.kube.request('DELETE', `/api/v1/namespaces/${name}`).catch(() => {});
    this.kube.close();
    await rm(this.#dir, { recursive: true, force: true });
  }

  /** Keeps a copy of the disk as it is now, for `restoreDisk`: what a process killed at this moment would leave. */
  async copyDisk(): Promise<string> {
    const copy = `${this.#dir}-copy`;
    await cp(this.#dir, copy, { recursive: true });
    return copy;
  }

  async restoreDisk(copy: string): Promise<void> {
    await rm(this.#dir, { recursive: true, force: true });
    await rename(copy, this.#dir);
  }

  async wipeDisk(): Promise<void> {
    await rm(this.#dir, { recursive: true, force: true });
  }

  async recordNames(): Promise<string[]> {
    return new DiskStateStore(this.#dir).list('records');
  }

  async forgetRecord(name: string): Promise<void> {
    await new DiskStateStore(this.#dir).remove(name);
  }

  /** An automated application of this bench's namespace. */
  async app(name: string, objects: readonly unknown[], overwrite: Partial<DesiredApp> = {}): Promise<DesiredApp> {
    const bundle = await this.hub.bundle(objects);
    return {
      uid: `uid-${name}`,
      namespace: 'argocd',
      name,
      project: 'default',
      release: `${name}-${bundle.slice(0, 8)}`,
      revision: 'abc',
      bundle,
      destinationNamespace: this.namespace,
      syncPolicy: { automated: { prune: true, selfHeal: true } },
      apply: true,
      ...overwrite,
    };
  }

  status(uid: string): (AppStatus & { rows: Map<string, ResourceStatus> }) | undefined {
    return this.hub.apps.get(uid);
  }

  /** Waits for the hub to know the application with this bundle as Synced and of this health. */
  settled(app: DesiredApp, health = 'Healthy'): Promise<AppStatus & { rows: Map<string, ResourceStatus> }> {
    const dump = (): string => {
      const found = this.status(app.uid);
      return found ? JSON.stringify({ ...found, rows: [...found.rows.values()] }) : 'nothing';
    };
    return eventually(`${app.name} to be Synced and ${health}`, () => {
      const found = this.status(app.uid);
      if (found?.bundle === app.bundle && found.sync === 'Synced' && found.health === health) return found;
      throw new Error(dump());
    });
  }

  configMap(name: string, data: Record<string, string> = { key: 'value' }, annotations?: Record<string, string>): Record<string, unknown> {
    return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...(annotations ? { annotations } : {}) }, data };
  }

  path(resource: string, name: string, namespace = this.namespace): string {
    const group = { configmaps: '/api/v1', secrets: '/api/v1', deployments: '/apis/apps/v1', services: '/api/v1' }[resource] ?? '/api/v1';
    return `${group}/namespaces/${namespace}/${resource}/${name}`;
  }
}

/** A Deployment whose pods become ready or not by their image tag. */
export function deployment(name: string, tag: string, options: { replicas?: number; wave?: number } = {}): Record<string, unknown> {
  const { replicas, wave } = options;
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, ...(wave === undefined ? {} : { annotations: { 'argocd.argoproj.io/sync-wave': String(wave) } }) },
    spec: {
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: `example.org/web:${tag}` }] } },
    },
  };
}
