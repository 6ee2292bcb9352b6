import { mkdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { KubeClient, loadKubeconfig } from '@flotilla/kubeclient';
import { StoryProcess } from './child-process.js';
import { FleetView } from './fleet-view.js';
import { GitRepository } from './git-repository.js';
import { HubProcess, type StoryHub } from './hub-process.js';
import { REPOSITORY_CONTENT } from './manifests.js';
import { until } from './until.js';

export interface SpokeCluster {
  name: string;
  labels: Record<string, string>;
  kubeconfig: string;
  /** Further variables of its agent. */
  agentSettings?: NodeJS.ProcessEnv;
  client: KubeClient;
  agent?: StoryProcess;
}

/** Everything the story runs: hub, clusters, agents, repository; all of it below one directory. */
export class World<Hub extends StoryHub = HubProcess> {
  readonly directory: string;
  readonly hub: Hub;
  readonly fleet: FleetView;
  readonly repository: GitRepository;
  readonly spokes: SpokeCluster[] = [];
  readonly #processes: StoryProcess[] = [];

  private constructor(directory: string, hub: Hub, repository: GitRepository) {
    this.directory = directory;
    this.hub = hub;
    this.repository = repository;
    this.fleet = new FleetView(() => hub.client);
  }

  /** A world with the hub in one process. `content` is what the Git repository begins with, `settings` are the hub's variables. */
  static create(directory: string, options: { content?: string; settings?: NodeJS.ProcessEnv } = {}): Promise<World> {
    return World.around(directory, (logs) => HubProcess.create(join(directory, 'hub'), logs, options.settings), options.content);
  }

  /** A world around any hub. */
  static async around<Hub extends StoryHub>(
    directory: string,
    createHub: (logDirectory: string) => Promise<Hub>,
    content: string = REPOSITORY_CONTENT,
  ): Promise<World<Hub>> {
    const logs = join(directory, 'logs');
    mkdirSync(logs, { recursive: true });
    const repository = await GitRepository.create(join(directory, 'git'), content);
    return new World(directory, await createHub(logs), repository);
  }

  /** Starts one program that serves a simulated cluster for each name. */
  async simulateClusters(clusters: readonly { name: string; labels: Record<string, string> }[]): Promise<void> {
    const files = join(this.directory, 'clusters');
    const args = ['--clusters', clusters.map(({ name }) => name).join(','), '--directory', files];
    const sim = this.#process('sim', 'sim', args);
    for (const { name, labels } of clusters) {
      const kubeconfig = join(files, `${name}.kubeconfig`);
      const client = await until(`cluster ${name} to serve`, async () => {
        if (!sim.isRunning) throw new Error(sim.lastLines());
        return new KubeClient(loadKubeconfig(kubeconfig));
      });
      await until(`cluster ${name} to answer`, () => client.get('/api/v1/namespaces/default'));
      this.spokes.push({ name, labels, kubeconfig, client });
    }
  }

  /** Enrols a cluster: a join token from the hub, an agent beside the cluster. */
  async startAgent(spoke: SpokeCluster): Promise<void> {
    const joinToken = await this.fleet.joinToken(spoke.name, spoke.labels);
    const env = {
      KUBECONFIG: spoke.kubeconfig,
      FLOTILLA_JOIN_TOKEN: joinToken,
      FLOTILLA_AGENT_DATA_DIR: join(this.directory, 'agents', spoke.name),
      ...spoke.agentSettings,
    };
    spoke.agent = this.#process(`agent-${spoke.name}`, 'agent', [], env);
  }

  spoke(name: string): SpokeCluster {
    const spoke = this.spokes.find((candidate) => candidate.name === name);
    if (!spoke) throw new Error(`no cluster ${name}`);
    return spoke;
  }

  /** Stops every process, agents first. */
  async stop(): Promise<void> {
    for (const process of this.#processes.toReversed()) await process.stop();
    for (const { client } of this.spokes) client.close();
    await this.hub.stop();
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true, maxRetries: 5 });
  }

  #process(name: string, app: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): StoryProcess {
    const process = new StoryProcess({ name, app, args, env, logDirectory: join(this.directory, 'logs') });
    process.start();
    this.#processes.push(process);
    return process;
  }
}
