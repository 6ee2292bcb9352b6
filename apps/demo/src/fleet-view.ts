import {
  type Application,
  type ApplicationSet,
  type Cluster,
  CONTROL_NAMESPACE,
  type FleetRollout,
  type NotifyFinding,
  type NotifyReceipt,
  type ReceiptsVerbReply,
  type RolloutPlan,
  type RolloutView,
} from '@flotilla/contracts';
import type { KubeClient } from '@flotilla/kubeclient';
import type { DemoDocument } from './manifests.js';
import type { BoardRow } from './narrator.js';

const ARGO = `/apis/argoproj.io/v1alpha1/namespaces/${CONTROL_NAMESPACE}`;
const FLOTILLA = '/apis/flotilla.dev/v1alpha1';
const MANAGER = 'demo';
const PLURALS: Readonly<Record<string, string>> = {
  Application: 'applications',
  AppProject: 'appprojects',
  ApplicationSet: 'applicationsets',
  Cluster: 'clusters',
  ClusterSecretStore: 'clustersecretstores',
  ConfigMap: 'configmaps',
  RolloutPolicy: 'rolloutpolicies',
  Secret: 'secrets',
};
const WITHOUT_NAMESPACE: readonly string[] = ['Cluster', 'ClusterSecretStore'];
/** More messages than a story causes. */
const MAX_MESSAGES = 500;

/** The fleet as the hub tells it, through the same doors everybody has. */
export class FleetView {
  readonly #client: () => KubeClient;

  constructor(client: () => KubeClient) {
    this.#client = client;
  }

  async applications(): Promise<Application[]> {
    return (await this.#client().list(`${ARGO}/applications`)).items as unknown as Application[];
  }

  async clusters(): Promise<Cluster[]> {
    return (await this.#client().list(`${FLOTILLA}/clusters`)).items as unknown as Cluster[];
  }

  async set(name: string): Promise<ApplicationSet> {
    return (await this.#client().request('GET', `${ARGO}/applicationsets/${name}`)) as unknown as ApplicationSet;
  }

  /** Runs of a set, newest first. */
  async rollouts(set: string): Promise<FleetRollout[]> {
    const { items } = await this.#client().list(`${FLOTILLA}/namespaces/${CONTROL_NAMESPACE}/fleetrollouts`);
    const own = (items as unknown as FleetRollout[]).filter(({ spec }) => spec.owner.name === set);
    return own
      .sort((a, b) => Number(b.metadata.resourceVersion) - Number(a.metadata.resourceVersion))
      .sort((a, b) => (a.metadata.creationTimestamp! < b.metadata.creationTimestamp! ? 1 : -1));
  }

  rollout(name: string): Promise<RolloutView> {
    return this.#client().request<RolloutView>('GET', `/v1/namespaces/${CONTROL_NAMESPACE}/rollouts/${name}`);
  }

  plan(set: string): Promise<RolloutPlan> {
    return this.#client().request<RolloutPlan>('GET', `/v1/namespaces/${CONTROL_NAMESPACE}/applicationsets/${set}/plan`, {
      timeoutMs: 60_000,
    });
  }

  async joinToken(cluster: string, labels: Record<string, string>): Promise<string> {
    const { join } = await this.#client().request<{ join: string }>('POST', '/v1/clusters', {
      body: { name: cluster, labels, validFor: '1h' },
    });
    return join;
  }

  apply(document: DemoDocument): Promise<unknown> {
    const { apiVersion, kind, metadata } = document;
    const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const place = WITHOUT_NAMESPACE.includes(kind) ? group : `${group}/namespaces/${metadata.namespace ?? CONTROL_NAMESPACE}`;
    return this.#client().apply(`${place}/${PLURALS[kind]}/${metadata.name}`, document, { fieldManager: MANAGER, force: true });
  }

  /** Which cluster runs which version of a secret. */
  async secretReceipts(): Promise<ReceiptsVerbReply['receipts']> {
    return (await this.#client().request<ReceiptsVerbReply>('GET', '/v1/secrets/receipts')).receipts;
  }

  /** Messages of the notifier, newest first. */
  async messages(): Promise<NotifyReceipt[]> {
    return (await this.#client().request<{ items: NotifyReceipt[] }>('GET', `/v1/notifications?limit=${MAX_MESSAGES}`)).items;
  }

  async notificationFindings(): Promise<NotifyFinding[]> {
    return (await this.#client().request<{ findings: NotifyFinding[] }>('GET', '/v1/notifications/check')).findings;
  }

  /** Names of everything that was ever released and rolled out and is still kept. */
  async history(): Promise<string[]> {
    const lists = ['releases', 'fleetrollouts'].map(async (plural) => {
      const { items } = await this.#client().list(`${FLOTILLA}/namespaces/${CONTROL_NAMESPACE}/${plural}`);
      return items.map(({ metadata }) => `${plural}/${metadata.name}`);
    });
    return (await Promise.all(lists)).flat().sort();
  }

  /** An answer of the hub as the text it is. */
  async answer(path: string): Promise<string> {
    return JSON.stringify(await this.#client().request('GET', path));
  }

  /** A push hint as a Git server would send it. */
  hint(repoURL: string): Promise<unknown> {
    return this.#client().request('POST', '/api/webhook', {
      body: { ref: 'refs/heads/main', repository: { clone_url: repoURL } },
      headers: { 'x-github-event': 'push' },
    });
  }

  async board(): Promise<BoardRow[]> {
    return (await this.applications()).map(({ metadata, spec, status }) => ({
      application: metadata.name,
      cluster: spec.destination.name ?? '',
      sync: status?.sync?.status ?? 'Unknown',
      health: status?.health?.status ?? 'Unknown',
    }));
  }
}

export function isSettled({ status }: Application): boolean {
  return status?.sync?.status === 'Synced' && status.health?.status === 'Healthy';
}
