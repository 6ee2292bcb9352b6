import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { ApiRegistry } from './api/api-registry.js';
import { allowAll } from './api/authorizer.js';
import { reviewResources } from './api/review-resources.js';
import { builtinResources, openSchema } from './builtin/builtin-resources.js';
import { serveCrds } from './crd/serve-crds.js';
import { KubeApiServer, type KubeApiServerOptions } from './server/kube-api-server.js';
import { toNodeListener } from './server/node-listener.js';
import { MemoryStorage } from './storage.memory.js';

export interface MemoryApiOptions extends Partial<Pick<KubeApiServerOptions, 'clock' | 'limits' | 'onFailure'>> {
  /** PEM; without it the server speaks plain HTTP. */
  tls?: { certificate: string; key: string };
  /** A bearer token every request must carry; without it everybody is admin. */
  token?: string;
}

export interface MemoryApi {
  url: string;
  registry: ApiRegistry;
  storage: MemoryStorage;
  server: KubeApiServer;
  close(): Promise<void>;
}

const ADMIN = { name: 'admin', groups: ['system:masters', 'system:authenticated'] } as const;
const NAMESPACES = { group: '', resource: 'namespaces' } as const;
const REVIEWS = openSchema('dev.flotilla.Review');

/** A Kubernetes API with the built-in kinds and CRDs over memory on a free loopback port, without controllers; namespace `default` exists. */
export async function startMemoryApi(options: MemoryApiOptions = {}): Promise<MemoryApi> {
  const registry = new ApiRegistry([...builtinResources(), ...reviewResources(allowAll, REVIEWS)]);
  const storage = new MemoryStorage({ clock: options.clock });
  await storage.create(
    NAMESPACES,
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' }, status: { phase: 'Active' } },
    ADMIN,
  );
  const { clock, limits, onFailure } = options;
  const namespaceExists = async (name: string): Promise<boolean> => (await storage.get(NAMESPACES, '', name)) !== undefined;
  const server = new KubeApiServer({ registry, storage, clock, limits, onFailure, namespaceExists });
  const listener = toNodeListener(server, (request) => (isAdmin(request, options.token) ? ADMIN : undefined));
  const http = options.tls ? createHttpsServer({ cert: options.tls.certificate, key: options.tls.key }) : createHttpServer();
  http.on('request', (request, response) => void listener(request, response));
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const serving = new AbortController();
  const crds = serveCrds({ registry, storage, signal: serving.signal, now: () => `${new Date().toISOString().slice(0, 19)}Z` });
  return {
    url: `${options.tls ? 'https' : 'http'}://127.0.0.1:${(http.address() as AddressInfo).port}`,
    registry,
    storage,
    server,
    close: async () => {
      serving.abort();
      await crds;
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

function isAdmin(request: IncomingMessage, token: string | undefined): boolean {
  return token === undefined || request.headers.authorization === `Bearer ${token}`;
}
