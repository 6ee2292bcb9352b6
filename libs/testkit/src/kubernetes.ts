import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubeClient } from '@flotilla/kubeclient';
import { freePort } from '@flotilla/localserver';
import { Child, waitFor } from './child.js';

export const KUBERNETES_VERSION = 'v1.36.3';

/** Paths of a control plane's programs. */
export interface KubernetesBinaries {
  etcd: string;
  apiserver: string;
  controllerManager: string;
}

/** The control plane at hand: KUBEBUILDER_ASSETS, else what `npm run kube` built into the cache; undefined when there is none. */
export function findKubernetes(env: NodeJS.ProcessEnv = process.env): KubernetesBinaries | undefined {
  const cache = env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const dirs = [
    env.KUBEBUILDER_ASSETS,
    join(cache, 'flotilla', 'kube', `${KUBERNETES_VERSION}-${process.platform}-${process.arch === 'x64' ? 'amd64' : process.arch}`),
  ];
  for (const dir of dirs) {
    if (!dir) continue;
    const etcd = ['etcd', 'server'].map((name) => join(dir, name)).find((path) => existsSync(path));
    const apiserver = join(dir, 'kube-apiserver');
    const controllerManager = join(dir, 'kube-controller-manager');
    if (etcd && existsSync(apiserver) && existsSync(controllerManager)) return { etcd, apiserver, controllerManager };
  }
  return undefined;
}

export interface Kubernetes {
  /** Path of an administrator's kubeconfig. */
  kubeconfig: string;
  server: string;
  ca: string;
  adminToken: string;
  /** A kubeconfig file for any bearer token, such as a service account's. */
  kubeconfigFor(token: string): string;
  stop(): Promise<void>;
}

/** A real control plane (etcd, API server, controller manager; RBAC on) on loopback, ready in about 4 s. */
export async function startKubernetes(): Promise<Kubernetes> {
  const binaries = findKubernetes();
  if (!binaries) throw new Error('no Kubernetes control plane at hand: run `npm run kube`, or set KUBEBUILDER_ASSETS');
  const plane = new ControlPlane(binaries);
  try {
    await plane.startEtcd();
    await plane.startApiServer();
    await plane.startControllers();
    return plane;
  } catch (error) {
    const { output } = plane;
    await plane.stop();
    throw new Error(`the control plane did not start: ${String(error)}\n${output}`);
  }
}

class ControlPlane implements Kubernetes {
  readonly adminToken = randomBytes(24).toString('hex');
  server = '';
  ca = '';
  kubeconfig = '';
  readonly #binaries: KubernetesBinaries;
  readonly #dir = mkdtempSync(join(tmpdir(), 'flotilla-kube-'));
  readonly #children: Child[] = [];
  #etcdUrl = '';

  constructor(binaries: KubernetesBinaries) {
    this.#binaries = binaries;
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    writeFileSync(this.#path('sa.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }), { mode: 0o600 });
    writeFileSync(this.#path('sa.pub'), publicKey.export({ type: 'spki', format: 'pem' }));
    writeFileSync(this.#path('tokens.csv'), `${this.adminToken},admin,admin,system:masters\n`, { mode: 0o600 });
  }

  get output(): string {
    return this.#children.map((child) => child.output).join('\n');
  }

  async startEtcd(): Promise<void> {
    this.#etcdUrl = `http://127.0.0.1:${await freePort()}`;
    const peerUrl = `http://127.0.0.1:${await freePort()}`;
    const etcd = this.#start(this.#binaries.etcd, [
      `--data-dir=${this.#path('etcd')}`,
      '--unsafe-no-fsync',
      `--listen-client-urls=${this.#etcdUrl}`,
      `--advertise-client-urls=${this.#etcdUrl}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=default=${peerUrl}`,
      '--log-level=error',
    ]);
    await etcd.until('etcd to answer', async () => (await fetch(`${this.#etcdUrl}/health`)).ok);
  }

  async startApiServer(): Promise<void> {
    const port = await freePort();
    const apiserver = this.#start(this.#binaries.apiserver, [
      `--etcd-servers=${this.#etcdUrl}`,
      `--secure-port=${port}`,
      '--bind-address=127.0.0.1',
      `--cert-dir=${this.#path('certs')}`,
      `--service-account-key-file=${this.#path('sa.pub')}`,
      `--service-account-signing-key-file=${this.#path('sa.key')}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--token-auth-file=${this.#path('tokens.csv')}`,
      '--authorization-mode=RBAC',
      '--service-cluster-ip-range=10.96.0.0/16',
      '--disable-admission-plugins=ServiceAccount',
      '--endpoint-reconciler-type=none',
    ]);
    // The key is written after the certificate: once it is there, the certificate is whole.
    await apiserver.until('the API server to write its certificate', async () => existsSync(this.#path('certs/apiserver.key')));
    this.server = `https://127.0.0.1:${port}`;
    this.ca = readFileSync(this.#path('certs/apiserver.crt'), 'utf8');
    this.kubeconfig = this.kubeconfigFor(this.adminToken);
    const client = this.#adminClient();
    await apiserver.until('the API server to be ready', () => isReady(client));
    client.close();
  }

  async startControllers(): Promise<void> {
    this.#start(this.#binaries.controllerManager, [
      `--kubeconfig=${this.kubeconfig}`,
      `--service-account-private-key-file=${this.#path('sa.key')}`,
      '--leader-elect=false',
      '--controllers=*,-nodelifecycle,-nodeipam',
      '--secure-port=0',
    ]);
    const client = this.#adminClient();
    await waitFor('the controllers to make the default service account', () =>
      client.get('/api/v1/namespaces/default/serviceaccounts/default'),
    );
    client.close();
  }

  kubeconfigFor(token: string): string {
    const file = this.#path(`kubeconfig-${randomBytes(4).toString('hex')}`);
    writeFileSync(file, kubeconfigText(this.server, this.ca, token), { mode: 0o600 });
    return file;
  }

  async stop(): Promise<void> {
    for (const child of this.#children.toReversed()) await child.stop(1_500);
    rmSync(this.#dir, { recursive: true, force: true });
  }

  #adminClient(): KubeClient {
    return new KubeClient({ server: this.server, ca: this.ca, token: this.adminToken, namespace: 'default' });
  }

  #path(name: string): string {
    return join(this.#dir, name);
  }

  #start(command: string, args: string[]): Child {
    const child = new Child(command, args, { cwd: this.#dir });
    this.#children.push(child);
    return child;
  }
}

async function isReady(client: KubeClient): Promise<boolean> {
  const { items } = await client.list('/api/v1/namespaces');
  return (
    items.some(({ metadata }) => metadata.name === 'default') &&
    (await client.get('/apis/rbac.authorization.k8s.io/v1/clusterroles/cluster-admin')) !== undefined
  );
}

function kubeconfigText(server: string, ca: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  });
}
