import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KubeClient, loadKubeconfig } from '@flotilla/kubeclient';
import { freePort } from '@flotilla/localserver';
import { StoryProcess } from './child-process.js';
import { until } from './until.js';

/** What a running hub says of itself in `hub.json`. */
export interface HubFacts {
  url: string;
  grpc: string;
  kubeconfig: string;
  caFile: string;
  username: string;
  passwordFile: string;
}

/** The hub of the story: the same program as `npm start`, with short beats so that lost clusters show within seconds. */
export class HubProcess {
  readonly directory: string;
  readonly #process: StoryProcess;
  #client: KubeClient | undefined;

  private constructor(directory: string, process: StoryProcess) {
    this.directory = directory;
    this.#process = process;
  }

  static async create(directory: string, logDirectory: string): Promise<HubProcess> {
    const [https, grpc, nats] = [await freePort(), await freePort(), await freePort()];
    const args = ['--data', directory, '--https-port', String(https), '--grpc-port', String(grpc), '--nats-port', String(nats)];
    const env = {
      FLOTILLA_BEAT_INTERVAL: '1s',
      FLOTILLA_SNAPSHOT_DELAY: '100ms',
      FLOTILLA_GIT_ALLOW_INSECURE: 'true',
      FLOTILLA_GIT_POLL_INTERVAL: '30s',
    };
    return new HubProcess(directory, new StoryProcess({ name: 'hub', app: 'hub', args, env, logDirectory }));
  }

  /** Starts the hub and waits until it serves. */
  async start(): Promise<HubFacts> {
    this.#process.start();
    await until('the hub to be ready', async () => {
      if (!this.#process.isRunning) throw new Error(`the hub ended:\n${this.#process.lastLines()}`);
      return (
        existsSync(join(this.directory, 'hub.json')) &&
        JSON.parse(readFileSync(join(this.directory, 'hub.json'), 'utf8')).pid === this.#process.pid
      );
    });
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

  /** The hub's Kubernetes API and REST verbs, as the local admin. */
  get client(): KubeClient {
    if (!this.#client) throw new Error('the hub has not been started');
    return this.#client;
  }

  /** SIGKILL for the hub and its NATS server at once: no chance to say goodbye. */
  async killWithNats(): Promise<void> {
    const nats = JSON.parse(readFileSync(join(this.directory, 'run', 'nats.pid'), 'utf8')) as { pid: number };
    const killed = this.#process.kill();
    process.kill(nats.pid, 'SIGKILL');
    await killed;
  }

  async stop(): Promise<void> {
    this.#client?.close();
    await this.#process.stop(20_000);
  }
}
