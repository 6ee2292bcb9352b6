import { mkdirSync } from 'node:fs';
import { StoryProcess, until } from '@flotilla/demo';
import { createKeyring } from '@flotilla/keyring';
import { freePort, type LocalPostgres, startLocalPostgres } from '@flotilla/localserver';
import { NatsTrust, natsServerConfig } from '@flotilla/messaging';
import { connectService, openPlatform, type Platform, type ServiceConnection } from '@flotilla/platform';
import { type NatsServer, startNats } from '@flotilla/testkit';

const MASTER_KEY = new Uint8Array(32).fill(7);
const FLEET = 'stage';
const START_LIMIT_MS = 60_000;

export interface StageOptions {
  /** PostgreSQL's unprivileged account may pass through. */
  directory: string;
  service: 'notifier' | 'broker';
  /** Whose place this process takes among the services. */
  self: 'gateway' | 'orchestrator';
  settings: Readonly<Record<string, string>>;
}

/** One service of the hub as a process of its own, with a PostgreSQL server set up as the hub sets up its own, NATS, and whoever it talks to. */
export class ServiceStage {
  readonly platform: Platform;
  readonly self: ServiceConnection;
  readonly nats: NatsServer;
  readonly process: StoryProcess;
  readonly #postgres: LocalPostgres;
  readonly #probePort: number;

  private constructor(parts: {
    platform: Platform;
    self: ServiceConnection;
    nats: NatsServer;
    postgres: LocalPostgres;
    process: StoryProcess;
    probePort: number;
  }) {
    this.platform = parts.platform;
    this.self = parts.self;
    this.nats = parts.nats;
    this.process = parts.process;
    this.#postgres = parts.postgres;
    this.#probePort = parts.probePort;
  }

  static async start({ directory, service, self, settings }: StageOptions): Promise<ServiceStage> {
    mkdirSync(directory, { recursive: true });
    const trust = new NatsTrust(createKeyring(MASTER_KEY));
    const postgres = await startLocalPostgres({ directory, runDirectory: directory, port: await freePort() });
    const nats = await startNats({ config: ({ port, dir }) => natsServerConfig({ trust, port, storeDir: dir }) });
    const platform = await openPlatform(
      {
        databaseUrl: postgres.url,
        natsUrls: [nats.url],
        masterKey: MASTER_KEY,
        fleet: FLEET,
        logLevel: 'silent',
        databaseConnections: 4,
      },
      { name: 'stage' },
    );
    const probePort = await freePort();
    const env = {
      ...settings,
      DATABASE_URL: postgres.url,
      NATS_URL: nats.url,
      FLOTILLA_MASTER_KEY: Buffer.from(MASTER_KEY).toString('base64'),
      FLOTILLA_FLEET: FLEET,
      FLOTILLA_PROBE_PORT: String(probePort),
    };
    const process = new StoryProcess({ name: service, app: service, args: [], env, logDirectory: directory });
    const stage = new ServiceStage({ platform, self: await connectService(platform, self), nats, postgres, process, probePort });
    await stage.begin();
    return stage;
  }

  /** Starts the service, again after a kill, and waits until it is ready. */
  async begin(): Promise<void> {
    this.process.start();
    const ask = async (): Promise<boolean> => {
      if (!this.process.isRunning) throw new Error(this.process.lastLines());
      return (await fetch(`http://127.0.0.1:${this.#probePort}/readyz`)).ok;
    };
    await until('the service to be ready', ask, START_LIMIT_MS);
  }

  get trust(): NatsTrust {
    return this.platform.trust;
  }

  async stop(): Promise<void> {
    await this.process.stop();
    await this.self.close();
    await this.platform.close();
    await this.nats.stop();
    await this.#postgres.stop();
  }
}
