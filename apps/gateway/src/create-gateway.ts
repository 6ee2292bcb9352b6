import { CONTROL_NAMESPACE, type Namespace, pushedReplySchema } from '@flotilla/contracts';
import { ApiRegistry, allowAll, KubeApiServer, openSchema, reviewResources, toNodeListener } from '@flotilla/kubeapi';
import type { MessageBus } from '@flotilla/messaging';
import type { Platform } from '@flotilla/platform';
import { AlreadyExistsError, type ResourceStore } from '@flotilla/resources';
import type { Logger } from '@flotilla/telemetry';
import { LocalAdmin } from './auth/local-admin.js';
import { PgLoginFailureStore } from './auth/login-failures.store.pg.js';
import { Sessions } from './auth/sessions.js';
import { type EdgeRequest, EdgeRouter } from './edge/route-request.js';
import type { GatewayConfig } from './gateway.config.js';
import { documentStrategy } from './kube/document-strategy.js';
import { hubResources } from './kube/hub-resources.js';
import { SealingService } from './kube/sealing-service.js';
import { StoreStorage } from './kube/store-storage.js';
import { openApiDocument } from './rest/openapi.js';
import { RestDispatcher, type RestHandler } from './rest/rest-dispatcher.js';
import { gatewayVerbs } from './verbs/gateway-verbs.js';
import { readPush } from './webhook/read-push.js';

export const HUB_VERSION = '0.1.0';
/** What `kubectl version` shows; kubectl warns when the minor versions are far apart. */
const KUBERNETES_VERSION = `v1.36.0-flotilla.${HUB_VERSION}`;
const FIRST_NAMESPACES = [CONTROL_NAMESPACE, 'default'];

export interface GatewayParts {
  platform: Platform;
  bus: MessageBus;
  logger: Logger;
  isConnected(): boolean;
  metrics(): Promise<string>;
}

/** Senders give up after ten seconds; by then they know whether the push was taken. */
const WEBHOOK_TIMEOUT_MS = 8_000;

export interface Gateway {
  router: EdgeRouter;
  /** REST handlers by route id; gRPC acts through the same ones. */
  verbs: Readonly<Record<string, RestHandler>>;
  sessions: Sessions;
  api: KubeApiServer;
  /** Makes what must be there at the first start; answers the generated admin password then, and never again. */
  prepare(keepPassword: (password: string) => void): Promise<string | undefined>;
}

/** Puts the doors for people together: the Kubernetes API, REST, the webhook, probes. */
export function createGateway(config: GatewayConfig, { platform, bus, logger, isConnected, metrics }: GatewayParts): Gateway {
  const { store, blobs, keyring, clock, database } = platform;
  const admin = new LocalAdmin(store, keyring, clock);
  const sessions = new Sessions(admin, keyring, new PgLoginFailureStore(database), clock);
  const registry = new ApiRegistry([
    ...hubResources((definition) => documentStrategy(definition, { store, keyring })),
    ...reviewResources(allowAll, openSchema('dev.flotilla.Review')),
  ]);
  const api = new KubeApiServer({
    registry,
    storage: new StoreStorage(store, keyring),
    namespaceExists: async (name) => (await store.get({ kind: 'Namespace', namespace: '', name })) !== undefined,
    gitVersion: KUBERNETES_VERSION,
    clock,
    onFailure: (error, { method, path }) => logger.error('kubernetes api request failed', { method, path, error }),
  });
  const kube = toNodeListener(api, (request) => (request as EdgeRequest).user);
  const verbs = gatewayVerbs({ store, bus, blobs, clock, api, sessions, fleet: platform.config.fleet, version: HUB_VERSION });
  const router = new EdgeRouter({
    rest: new RestDispatcher(verbs),
    openApi: openApiDocument(HUB_VERSION),
    kube,
    sealing: new SealingService(bus),
    webhook: async (headers, body) => {
      const push = readPush(headers, body, config.webhookSecrets);
      if (!push) return { message: 'not a push; ignored' };
      const told = { timeoutMs: WEBHOOK_TIMEOUT_MS, reply: pushedReplySchema };
      const { sources } = await bus.ask('renderer', 'pushed', { repoURLs: push.repoURLs }, told);
      return { message: sources === 0 ? 'nothing follows this repository' : 'thank you', sources };
    },
    metrics,
    isReady: async () => {
      const hasDatabase = await database.query('SELECT 1').then(
        () => true,
        () => false,
      );
      return { ready: hasDatabase && isConnected(), detail: { database: hasDatabase, nats: isConnected() } };
    },
    logger,
  });
  const prepare = async (keepPassword: (password: string) => void): Promise<string | undefined> => {
    await ensureNamespaces(store);
    return admin.ensure(keepPassword);
  };
  return { router, verbs, sessions, api, prepare };
}

async function ensureNamespaces(store: ResourceStore): Promise<void> {
  for (const name of FIRST_NAMESPACES) {
    if (await store.get({ kind: 'Namespace', namespace: '', name })) continue;
    const namespace: Namespace = {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
      status: { phase: 'Active' },
    };
    await store
      .transaction({ actor: 'service:gateway' }, (tx) => tx.create(namespace))
      .catch((error: unknown) => {
        // Another copy of the gateway was first.
        if (!(error instanceof AlreadyExistsError)) throw error;
      });
  }
}
