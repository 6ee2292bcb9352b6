import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { STORY_SETTINGS, type StoryHub, StoryProcess, until } from '@flotilla/demo';
import { createKeyring, loadOrCreateMasterKey } from '@flotilla/keyring';
import { KubeClient, type KubeConfig } from '@flotilla/kubeclient';
import { freePort } from '@flotilla/localserver';
import { NatsTrust, natsServerConfig } from '@flotilla/messaging';
import { type NatsServer, type PostgresServer, startNats, startPostgres } from '@flotilla/testkit';
import { createAuthority, issueServerCertificate } from '@flotilla/tls';
import { SHORT_POLL } from '../../scenarios/stage/play-short.js';
import { Balancer } from './balance.js';

export const SERVICES = ['registry', 'renderer', 'expander', 'orchestrator', 'gateway'] as const;
export type Service = (typeof SERVICES)[number];

const COPIES = 2;
const PASSWORD = /user admin, password (\S+)/;

interface Files {
  ca: string;
  cert: string;
  key: string;
  master: string;
}

/** The hub as it runs past one machine: every service its own process, two copies of each, PostgreSQL and NATS beside them. */
export class ServicesHub implements StoryHub {
  readonly copies: ReadonlyMap<Service, readonly StoryProcess[]>;
  readonly #postgres: PostgresServer;
  readonly #nats: NatsServer;
  readonly #door: Balancer;
  readonly #ca: string;
  #client: KubeClient | undefined;
  #attempt = 0;

  private constructor(parts: {
    copies: ReadonlyMap<Service, readonly StoryProcess[]>;
    postgres: PostgresServer;
    nats: NatsServer;
    door: Balancer;
    ca: string;
  }) {
    this.copies = parts.copies;
    this.#postgres = parts.postgres;
    this.#nats = parts.nats;
    this.#door = parts.door;
    this.#ca = parts.ca;
  }

  static async create(directory: string, logDirectory: string): Promise<ServicesHub> {
    const files = await writeFiles(directory);
    const postgres = await startPostgres();
    const trust = new NatsTrust(createKeyring(loadOrCreateMasterKey(files.master)));
    const nats = await startNats({
      config: ({ port, dir }) => natsServerConfig({ trust, port, storeDir: dir, tls: { certFile: files.cert, keyFile: files.key } }),
    });
    const https = await Promise.all(Array.from({ length: COPIES }, freePort));
    const door = await Balancer.start(https);
    const copies = new Map<Service, StoryProcess[]>();
    for (const service of SERVICES) {
      const env = https.map((port, copy) => ({
        ...environment(files, postgres.url, nats.port, door.port),
        FLOTILLA_HTTPS_PORT: String(port),
        FLOTILLA_RENDERER_DIR: join(directory, `renderer-${copy}`),
      }));
      copies.set(
        service,
        env.map((own, copy) => new StoryProcess({ name: `${service}-${copy}`, app: service, args: [], env: own, logDirectory })),
      );
    }
    return new ServicesHub({ copies, postgres, nats, door, ca: readFileSync(files.ca, 'utf8') });
  }

  get client(): KubeClient {
    if (!this.#client) throw new Error('the hub has not been started');
    return this.#client;
  }

  /** Starts every copy at once, waits until each gateway serves, and logs in. */
  async start(): Promise<void> {
    for (const copy of this.#all()) copy.start();
    const config: KubeConfig = { server: `https://localhost:${this.#door.port}`, ca: this.#ca, namespace: 'argocd' };
    const guest = new KubeClient(config);
    const { token } = await until(
      'somebody to let the admin in',
      async () => {
        const ended = this.#all().find((copy) => !copy.isRunning);
        if (ended) throw new Error(`${ended.name} ended:\n${ended.lastLines()}`);
        return guest.request<{ token: string }>('POST', '/v1/login', { body: { username: 'admin', password: this.#password() } });
      },
      90_000,
    );
    guest.close();
    this.#client = new KubeClient({ ...config, token });
    await until('the hub to be ready', () => this.client.request('GET', '/readyz'), 60_000);
  }

  async stop(): Promise<void> {
    this.#client?.close();
    await Promise.all(this.#all().map((copy) => copy.stop()));
    await this.#door.stop();
    await this.#nats.stop();
    await this.#postgres.stop();
  }

  #all(): StoryProcess[] {
    return [...this.copies.values()].flat();
  }

  /** The copy that made the account said its password; the other may have said one that lost the race, before it. */
  #password(): string {
    const said = this.copies.get('gateway')!.flatMap((copy) => PASSWORD.exec(copy.lastLines(200))?.[1] ?? []);
    if (said.length === 0) throw new Error('no gateway has made the account yet');
    this.#attempt++;
    return said[this.#attempt % said.length]!;
  }
}

async function writeFiles(directory: string): Promise<Files> {
  mkdirSync(directory, { recursive: true });
  const authority = await createAuthority('Flotilla test', Date.now());
  const server = await issueServerCertificate(authority, ['localhost', '127.0.0.1'], Date.now());
  const write = (name: string, text: string): string => {
    writeFileSync(join(directory, name), text, { mode: 0o600 });
    return join(directory, name);
  };
  return {
    ca: write('ca.crt', authority.certificate),
    // Agents pin the authority by its digest, so the server shows it behind its own certificate.
    cert: write('server.crt', `${server.certificate.trimEnd()}\n${authority.certificate}`),
    key: write('server.key', server.key),
    master: join(directory, 'master.key'),
  };
}

function environment(files: Files, databaseUrl: string, natsPort: number, httpsPort: number): Record<string, string> {
  const nats = `tls://localhost:${natsPort}`;
  return {
    ...STORY_SETTINGS,
    ...SHORT_POLL,
    DATABASE_URL: databaseUrl,
    NATS_URL: nats,
    NATS_CA: files.ca,
    FLOTILLA_MASTER_KEY_FILE: files.master,
    FLOTILLA_GRPC_PORT: '0',
    FLOTILLA_TLS_CERT_FILE: files.cert,
    FLOTILLA_TLS_KEY_FILE: files.key,
    FLOTILLA_PUBLIC_URL: `https://localhost:${httpsPort}`,
    FLOTILLA_CA_FILE: files.ca,
    FLOTILLA_NATS_PUBLIC_URLS: nats,
    FLOTILLA_NATS_CA_FILE: files.ca,
    FLOTILLA_PROBE_PORT: '0',
  };
}
