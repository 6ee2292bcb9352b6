import { request } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createKeyring } from '@flotilla/keyring';
import { KubectlRunner } from '@flotilla/kubeapi/testing';
import { NatsTrust, natsServerConfig } from '@flotilla/messaging';
import { openPlatform, type Platform } from '@flotilla/platform';
import { startNats, type TestDatabase, testDatabase } from '@flotilla/testkit';
import { createAuthority, issueServerCertificate } from '@flotilla/tls';
import { createEdge } from '../edge/edge.module.js';
import { GatewayModule } from '../gateway.module.js';
import { GatewayService } from '../gateway-service.js';

export interface HttpAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  text: string;
}

export interface HttpOptions {
  method?: string;
  headers?: Readonly<Record<string, string>>;
  body?: string | Buffer;
  /** Send no bearer token. */
  isAnonymous?: boolean;
}

/** A gateway on real PostgreSQL and NATS over TLS; no other service runs. */
export interface GatewayUnderTest {
  url: string;
  grpcAddress: string;
  /** PEM of the authority that signed its certificate. */
  ca: string;
  token: string;
  password: string;
  database: TestDatabase;
  platform: Platform;
  service: GatewayService;
  kubectl: KubectlRunner;
  /** Sends the path as it is given, however odd. */
  http(path: string, options?: HttpOptions): Promise<HttpAnswer>;
  stop(): Promise<void>;
}

const MASTER_KEY = new Uint8Array(32).fill(7);
const TOKEN_LIFETIME_MS = 3_600_000;
export const WEBHOOK_SECRET = 'webhook-secret';

export async function startGateway(): Promise<GatewayUnderTest> {
  const now = Date.now();
  const authority = await createAuthority('gateway test', now);
  const server = await issueServerCertificate(authority, ['127.0.0.1', 'localhost'], now);
  const database = await testDatabase();
  const nats = await startNats({
    config: ({ port, dir }) => natsServerConfig({ trust: new NatsTrust(createKeyring(MASTER_KEY)), port, storeDir: dir }),
  });
  const shared = { masterKey: MASTER_KEY, fleet: 'test', logLevel: 'silent' as const, databaseConnections: 12 };
  const platform = await openPlatform({ databaseUrl: database.url, natsUrls: [nats.url], ...shared }, { name: 'gateway' });
  const config = {
    host: '127.0.0.1',
    httpsPort: 0,
    grpcPort: 0,
    probeHost: '127.0.0.1',
    probePort: 0,
    tls: server,
    webhookSecrets: { github: WEBHOOK_SECRET },
  };
  let password = '';
  const module = GatewayModule.register(platform, config, {
    metrics: async () => 'up 1\n',
    keepPassword: (generated) => {
      password = generated;
    },
  });
  const application = await createEdge(module, config.tls);
  await application.listen(0, config.host);
  const { port } = application.getHttpServer().address() as AddressInfo;
  const url = `https://127.0.0.1:${port}`;
  const service = application.get(GatewayService, { strict: false });
  const { token } = service.gateway.sessions.issue(TOKEN_LIFETIME_MS);
  const ca = authority.certificate;
  const kubectl = new KubectlRunner({ url, ca, token });
  return {
    url,
    grpcAddress: `localhost:${service.grpcPort}`,
    ca,
    token,
    password,
    database,
    platform,
    service,
    kubectl,
    http: (path, options) => send({ port, ca, token }, path, options),
    stop: async () => {
      kubectl.remove();
      await application.close();
      await platform.close();
      await nats.stop();
      await database.drop();
    },
  };
}

function send(to: { port: number; ca: string; token: string }, path: string, options: HttpOptions = {}): Promise<HttpAnswer> {
  const { method = 'GET', headers = {}, body, isAnonymous = false } = options;
  const authorization: Record<string, string> = isAnonymous ? {} : { authorization: `Bearer ${to.token}` };
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port: to.port, ca: to.ca, method, path, agent: false, headers: { ...authorization, ...headers } },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text: Buffer.concat(chunks).toString('utf8') }),
        );
      },
    );
    sent.on('error', (error) => reject(new Error(`${method} ${path}: ${error.message}`)));
    sent.end(body);
  });
}
