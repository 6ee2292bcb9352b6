import { rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeClient, type LiveObject, loadKubeconfig } from '@flotilla/kubeclient';
import { FakeKubelet, type Kubernetes, startKubernetes } from '@flotilla/testkit';

/** A name that a person's kubeconfig may well have, and that is no cluster name as it stands. */
export const CONTEXTS = ['admin@dev', 'staging', 'prod'] as const;
/** The first cluster under a second name. */
export const TWIN = 'dev-again';

/** Real control planes with fake kubelets, as the contexts of one kubeconfig. */
export class RealFleet {
  readonly kubeconfig: string;
  readonly #directory: string;
  readonly #planes: readonly Kubernetes[];
  readonly #kubelets: readonly FakeKubelet[];

  private constructor(directory: string, planes: readonly Kubernetes[]) {
    this.#directory = directory;
    this.#planes = planes;
    this.#kubelets = planes.map(({ kubeconfig }) => new FakeKubelet(kubeconfig));
    this.kubeconfig = join(directory, 'kubeconfig');
    writeFileSync(this.kubeconfig, mergedKubeconfig(planes), { mode: 0o600 });
  }

  static async start(): Promise<RealFleet> {
    const directory = await mkdtemp(join(tmpdir(), 'flotilla-e2e-'));
    const started = await Promise.allSettled(CONTEXTS.map(() => startKubernetes()));
    const planes = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    const failure = started.find((result) => result.status === 'rejected');
    if (!failure) return new RealFleet(directory, planes);
    await Promise.all(planes.map((plane) => plane.stop()));
    rmSync(directory, { recursive: true, force: true });
    throw failure.reason;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#kubelets.map((kubelet) => kubelet.stop()));
    await Promise.all(this.#planes.map((plane) => plane.stop()));
    rmSync(this.#directory, { recursive: true, force: true });
  }

  /** What each cluster holds of the kinds a story could leave behind, as `context kind namespace/name`. */
  async inventory(): Promise<string[]> {
    const lists = CONTEXTS.map(async (context) => {
      const client = new KubeClient(loadKubeconfig(this.kubeconfig, context));
      const found = await Promise.all(
        Object.entries(COLLECTIONS).map(async ([kind, path]) => [kind, (await client.list(path)).items] as const),
      );
      client.close();
      return found.flatMap(([kind, items]) => items.map((item) => `${context} ${kind} ${nameOf(item)}`));
    });
    return (await Promise.all(lists)).flat().sort();
  }
}

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const COLLECTIONS = {
  Namespace: '/api/v1/namespaces',
  ConfigMap: '/api/v1/configmaps',
  Secret: '/api/v1/secrets',
  Service: '/api/v1/services',
  ServiceAccount: '/api/v1/serviceaccounts',
  Pod: '/api/v1/pods',
  Deployment: '/apis/apps/v1/deployments',
  Role: `${RBAC}/roles`,
  RoleBinding: `${RBAC}/rolebindings`,
  ClusterRole: `${RBAC}/clusterroles`,
  ClusterRoleBinding: `${RBAC}/clusterrolebindings`,
  CustomResourceDefinition: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
};

const nameOf = ({ metadata }: LiveObject): string => `${metadata.namespace ?? ''}/${metadata.name}`;

function mergedKubeconfig(planes: readonly Kubernetes[]): string {
  const entries = planes.map((plane, i) => ({ name: CONTEXTS[i]!, plane }));
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': CONTEXTS[0],
    clusters: entries.map(({ name, plane: { server, ca } }) => ({
      name,
      cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') },
    })),
    users: entries.map(({ name, plane: { adminToken } }) => ({ name, user: { token: adminToken } })),
    contexts: [
      ...entries.map(({ name }) => ({ name, context: { cluster: name, user: name } })),
      { name: TWIN, context: { cluster: CONTEXTS[0], user: CONTEXTS[0] } },
    ],
  });
}
