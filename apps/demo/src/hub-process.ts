import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubeClient, loadKubeconfig } from '@flotilla/kubeclient';
import { freePort } from '@flotilla/localserver';
import { StoryProcess } from './child-process.js';
import { until } from './until.js';

/** A busy machine takes a while for initdb and a first start. */
const START_LIMIT_MS = 90_000;

/** What a running hub says of itself in `hub.json`. */
export interface HubFacts {
  url: string;
  grpc: string;
  kubeconfig: string;
  caFile: string;
  username: string;
  passwordFile: string;
}

/** A hub the story can be told with, in one process or in many. */
export interface StoryHub {
  /** The hub's Kubernetes API and REST verbs, as the local admin. */
  readonly client: KubeClient;
  stop(): Promise<void>;
}

/** Settings of a hub for stories: short beats, so that lost clusters show within seconds, and local repositories. */
export const STORY_SETTINGS: Readonly<Record<string, string>> = {
  FLOTILLA_BEAT_INTERVAL: '1s',
  FLOTILLA_SNAPSHOT_DELAY: '100ms',
  FLOTILLA_GIT_ALLOW_INSECURE: 'true',
  FLOTILLA_GIT_POLL_INTERVAL: '30s',
};

/** The hub of the story: the same program as `npm start`. */
export class HubProcess implements StoryHub {
  readonly directory: string;
  readonly #process: StoryProcess;
  #client: KubeClient | undefined;

  private constructor(directory: string, process: StoryProcess) {
    this.directory = directory;
    this.#process = process;
  }

  static async create(directory: string, logDirectory: string, settings: NodeJS.ProcessEnv = {}): Promise<HubProcess> {
    const [https, grpc, nats] = [await freePort(), await freePort(), await freePort()];
    const args = ['--data', directory, '--https-port', String(https), '--grpc-port', String(grpc), '--nats-port', String(nats)];
    const env = { ...STORY_SETTINGS, ...settings };
    return new HubProcess(directory, new StoryProcess({ name: 'hub', app: 'hub', args, env, logDirectory }));
  }

  /** Starts the hub and waits until it serves. */
  async start(): Promise<HubFacts> {
    this.#process.start();
    await until(
      'the hub to be ready',
      async () => {
        if (!this.#process.isRunning) throw new Error(`the hub ended:\n${this.#process.lastLines()}`);
        return (
          existsSync(join(this.directory, 'hub.json')) &&
          JSON.parse(readFileSync(join(this.directory, 'hub.json'), 'utf8')).pid === this.#process.pid
        );
      },
      START_LIMIT_MS,
    );
    const { facts } = this;
    this.#client?.close();
    this.#client = new KubeClient(loadKubeconfig(facts.kubeconfig));
    await until('the hub to answer', async () => {
      await this.client.request('GET', '/readyz');
      return true;
    });
    return facts;
  }

  get facts(): HubFacts {
    return JSON.parse(readFileSync(join(this.directory, 'hub.json'), 'utf8')) as HubFacts;
  }

  get client(): KubeClient {
    if (!this.#client) throw new Error('the hub has not been started');
    return this.#client;
  }

  /** The hub's own PostgreSQL, or the one the environment names. */
  get databaseUrl(): string {
    if (process.env.DATABASE_URL) return process.env.DATABASE_URL;
    const home = join(this.directory, 'postgres');
    const data = readdirSync(home).find((name) => name.startsWith('data-'));
    if (data === undefined) throw new Error(`${home} holds no database`);
    const password = readFileSync(join(home, 'password'), 'utf8').trim();
    // The fourth line is the port, as pg_ctl reads it.
    const port = readFileSync(join(home, data, 'postmaster.pid'), 'utf8')
      .split('\n')[3]
      ?.trim();
    return `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  }

  /** SIGKILL for the hub and its NATS server at once: no chance to say goodbye. */
  async killWithNats(): Promise<void> {
    const killed = this.kill();
    this.killChild('nats');
    await killed;
  }

  /** SIGKILL for the hub alone; its servers live on as orphans. */
  kill(): Promise<void> {
    return this.#process.kill();
  }

  /** SIGKILL for one of the hub's own servers, which the hub starts again. */
  killChild(server: 'nats' | 'postgres'): void {
    const { pid } = JSON.parse(readFileSync(join(this.directory, 'run', `${server}.pid`), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
  }

  lastLines(count?: number): string {
    return this.#process.lastLines(count);
  }

  async stop(): Promise<void> {
    this.#client?.close();
    await this.#process.stop(20_000);
  }
}
