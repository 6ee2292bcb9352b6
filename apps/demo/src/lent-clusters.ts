import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError, messageOf } from '@flotilla/kernel';
import {
  applyManifests,
  KubeClient,
  type KubeConfig,
  KubeError,
  kubeconfigWithToken,
  loadKubeconfig,
  requestToken,
} from '@flotilla/kubeclient';
import { parseYaml } from '@flotilla/yaml';
import type { Role } from './cast.js';
import { AGENT_MANIFESTS } from './demo-root.js';
import { until } from './until.js';
import type { SpokeCluster } from './world.js';

/** One context of the kubeconfig, and a client with the rights it gives. */
interface Lent {
  context: string;
  name: string;
  config: KubeConfig;
  client: KubeClient;
}

const TOKEN_SECONDS = 8 * 3_600;
const REMOVAL_MS = 120_000;
const MANAGER = 'flotilla-demo';
/** Marks everything the story makes outside its namespace. */
export const DEMO_LABEL = 'flotilla.dev/demo';

/**
 * Real clusters, lent for one story. All of it happens in a namespace of its own; the agents keep their state in a second one and
 * have accounts whose rights end at these two. `remove` takes everything away again.
 */
export class LentClusters {
  /** Where the story's applications go. */
  readonly namespace = `flotilla-demo-${randomBytes(3).toString('hex')}`;
  readonly #lent: readonly Lent[];
  #preparing: Promise<unknown> = Promise.resolve();

  private constructor(lent: readonly Lent[]) {
    this.#lent = lent;
  }

  /** Opens three contexts. @throws InvalidInputError when two of them are one cluster, or one does not answer */
  static async open(kubeconfig: string, contexts: readonly string[]): Promise<LentClusters> {
    const names = contexts.map(clusterName);
    const lent = contexts.map((context, i) => {
      const config = loadKubeconfig(kubeconfig, context);
      return { context, name: names[i]!, config, client: new KubeClient(config) };
    });
    const clusters = new LentClusters(lent);
    try {
      await clusters.#refuseTwins();
      return clusters;
    } catch (error) {
      clusters.close();
      throw error;
    }
  }

  get names(): [string, string, string] {
    const [dev, staging, prod] = this.#lent.map(({ name }) => name) as [string, string, string];
    return [dev, staging, prod];
  }

  /** One line for each cluster: what is going to be touched. */
  get places(): string[] {
    return this.#lent.map(
      ({ context, config }) => `${context} at ${config.server}: namespaces ${this.namespace} and ${this.#stateNamespace}`,
    );
  }

  /** Makes the namespaces and the agents' accounts, and writes a kubeconfig for each agent. */
  prepare(roles: readonly Role[], directory: string): Promise<SpokeCluster[]> {
    mkdirSync(directory, { recursive: true });
    const preparing = this.#lent.map((lent, i) => this.#prepareOne(lent, roles[i]!.labels, directory));
    this.#preparing = Promise.allSettled(preparing);
    return Promise.all(preparing);
  }

  async #prepareOne({ context, name, config, client }: Lent, labels: Record<string, string>, directory: string): Promise<SpokeCluster> {
    try {
      await applyManifests(client, this.#manifests(), { fieldManager: MANAGER, fieldValidation: 'Strict' });
      const account = { namespace: this.#stateNamespace, name: this.#stateNamespace };
      const token = await requestToken(client, account, TOKEN_SECONDS);
      const kubeconfig = join(directory, `${name}.kubeconfig`);
      writeFileSync(kubeconfig, kubeconfigWithToken(config, token), { mode: 0o600 });
      const agentSettings = { FLOTILLA_AGENT_NAMESPACE: this.#stateNamespace, FLOTILLA_AGENT_ALLOW_NAMESPACES: this.namespace };
      return { name, labels, kubeconfig, client, agentSettings };
    } catch (error) {
      throw new InvalidInputError(`context ${context} cannot be prepared: ${messageOf(error)}`);
    }
  }

  /** Deletes all of it on every cluster and waits until it is gone. @throws with what is left where, when something is */
  async remove(): Promise<void> {
    // Whoever interrupts the story while it begins must not race with what is still being made.
    await this.#preparing;
    const results = await Promise.allSettled(this.#lent.map((lent) => this.#clear(lent)));
    const failures = results.flatMap((result, i) =>
      result.status === 'rejected' ? [`${this.#lent[i]!.context}: ${messageOf(result.reason)}`] : [],
    );
    if (failures.length > 0) {
      const remedy = `kubectl delete namespaces,clusterroles,clusterrolebindings -l ${DEMO_LABEL}=${this.namespace}`;
      throw new Error(`the demo left something behind; remove it with \`${remedy}\`:\n  ${failures.join('\n  ')}`);
    }
  }

  close(): void {
    for (const { client } of this.#lent) client.close();
  }

  get #stateNamespace(): string {
    return `${this.namespace}-agent`;
  }

  async #refuseTwins(): Promise<void> {
    const uids = await Promise.all(
      this.#lent.map(async ({ context, client }) => {
        try {
          return (await client.get('/api/v1/namespaces/kube-system'))?.metadata.uid ?? context;
        } catch (error) {
          throw new InvalidInputError(`context ${context} does not answer: ${messageOf(error)}`);
        }
      }),
    );
    const twin = this.#lent.find((_, i) => uids.indexOf(uids[i]!) !== i);
    if (twin) throw new InvalidInputError(`context ${twin.context} is the same cluster as another one: name three different clusters`);
  }

  /** The manifests of an agent whose rights end at one namespace, under names of this story. */
  #manifests(): unknown[] {
    const labels = { [DEMO_LABEL]: this.namespace };
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: this.namespace } };
    const files = ['base/account.yaml', 'namespaced/rbac.yaml'].flatMap((file) => {
      const text = readFileSync(join(AGENT_MANIFESTS, file), 'utf8');
      const own = text
        .replaceAll(/\bflotilla-agent\b(?=$|-read$|-state$)/gm, this.#stateNamespace)
        .replaceAll(/\bteam-a$/gm, this.namespace);
      return parseYaml(own, { file }) as { metadata: { labels?: object } }[];
    });
    return [namespace, ...files].map((document) => {
      const metadata = document.metadata as { labels?: object };
      return { ...document, metadata: { ...metadata, labels: { ...metadata.labels, ...labels } } };
    });
  }

  async #clear({ client }: Lent): Promise<void> {
    const rbac = '/apis/rbac.authorization.k8s.io/v1';
    const paths = [
      `/api/v1/namespaces/${this.namespace}`,
      `/api/v1/namespaces/${this.#stateNamespace}`,
      `${rbac}/clusterrolebindings/${this.#stateNamespace}-read`,
      `${rbac}/clusterroles/${this.#stateNamespace}-read`,
    ];
    for (const path of paths) {
      await client.request('DELETE', path).catch((error: unknown) => {
        if (!(error instanceof KubeError && [404, 409].includes(error.status))) throw error;
      });
    }
    for (const path of paths) await until(`${path} to be gone`, async () => (await client.get(path)) === undefined, REMOVAL_MS);
  }
}

/** Context names may be anything; cluster names are DNS labels, short enough to be part of an application's name. */
export function clusterName(context: string): string {
  const name = context
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(-40)
    .replaceAll(/^-+|-+$/g, '');
  if (name === '') throw new InvalidInputError(`context ${JSON.stringify(context)} gives no cluster name`);
  return name;
}
