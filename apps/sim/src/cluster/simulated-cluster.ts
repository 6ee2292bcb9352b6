import { randomBytes } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type Clock, systemClock } from '@flotilla/kernel';
import {
  ApiRegistry,
  allowAll,
  builtinResources,
  KubeApiServer,
  openSchema,
  reviewResources,
  serveCrds,
  toNodeListener,
} from '@flotilla/kubeapi';
import type { CertificatePair } from '@flotilla/tls';
import { DeletionController } from '../converge/deletion-controller.js';
import { WorkloadController } from '../converge/workload-controller.js';
import { ObservedStorage } from './observed-storage.js';

const SYSTEM = { name: 'system:apiserver', groups: ['system:masters'] } as const;
const FIRST_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'];
const NAMESPACES = { group: '', resource: 'namespaces' } as const;

export interface SimulatedClusterOptions {
  name: string;
  /** Certificate of the server and the authority that signed it. */
  tls: { server: CertificatePair; ca: string };
  clock?: Clock;
  /** Told of failures nobody expected. */
  onFailure?(error: unknown): void;
}

/** One simulated cluster: the Kubernetes API over memory on HTTPS, with the controllers whose work others wait for. */
export class SimulatedCluster {
  readonly name: string;
  readonly #token = randomBytes(24).toString('hex');
  readonly #ca: string;
  readonly #server: Server;
  readonly #stopping = new AbortController();
  readonly #storage: ObservedStorage;
  #crds: Promise<void> = Promise.resolve();
  readonly #registry: ApiRegistry;
  readonly #clock: Clock;

  constructor({ name, tls, clock = systemClock, onFailure = () => {} }: SimulatedClusterOptions) {
    this.name = name;
    this.#ca = tls.ca;
    this.#clock = clock;
    this.#registry = new ApiRegistry([...builtinResources(), ...reviewResources(allowAll, openSchema('review'))]);
    this.#storage = new ObservedStorage({ clock });
    new DeletionController(this.#storage, this.#registry, onFailure);
    new WorkloadController(this.#storage, clock, this.#stopping.signal);
    const api = new KubeApiServer({
      registry: this.#registry,
      storage: this.#storage,
      namespaceExists: async (namespace) => (await this.#storage.get(NAMESPACES, '', namespace)) !== undefined,
      clock,
      onFailure,
    });
    const user = { name: 'admin', groups: ['system:masters'] };
    const listener = toNodeListener(api, (request) => (request.headers.authorization === `Bearer ${this.#token}` ? user : undefined));
    this.#server = createServer(
      { cert: tls.server.certificate, key: tls.server.key },
      (request, response) => void listener(request, response),
    );
  }

  /** Makes the first namespaces and listens on loopback. */
  async start(port = 0): Promise<void> {
    for (const name of FIRST_NAMESPACES) {
      const namespace = {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
        spec: { finalizers: ['kubernetes'] },
        status: { phase: 'Active' },
      };
      await this.#storage.create(NAMESPACES, namespace, SYSTEM);
    }
    this.#crds = serveCrds({
      registry: this.#registry,
      storage: this.#storage,
      signal: this.#stopping.signal,
      now: () => `${new Date(this.#clock.now()).toISOString().slice(0, 19)}Z`,
    });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(port, '127.0.0.1', resolve);
    });
  }

  get url(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Kubeconfig of an administrator; JSON, which is YAML too. */
  get kubeconfig(): string {
    const { name } = this;
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': name,
      clusters: [{ name, cluster: { server: this.url, 'certificate-authority-data': Buffer.from(this.#ca).toString('base64') } }],
      users: [{ name, user: { token: this.#token } }],
      contexts: [{ name, context: { cluster: name, user: name } }],
    };
    return `${JSON.stringify(config, null, 2)}\n`;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
    await this.#crds;
  }
}
