import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type DemoDocument, FleetView, GitRepository, HubProcess } from '@flotilla/demo';
import { type Database, openDatabase } from '@flotilla/persistence';
import { FamilyCpu } from '@flotilla/testkit';

const RENDER_PROJECT = 'bench';

/** A hub of a benchmark: the real process with its own PostgreSQL and NATS, a Git repository, and a look into its database. */
export class BenchHub {
  readonly hub: HubProcess;
  readonly fleet: FleetView;
  readonly repository: GitRepository;
  readonly database: Database;
  readonly directory: string;
  readonly #cpu = new FamilyCpu();

  private constructor(parts: { hub: HubProcess; repository: GitRepository; database: Database; directory: string }) {
    this.hub = parts.hub;
    this.repository = parts.repository;
    this.database = parts.database;
    this.directory = parts.directory;
    this.fleet = new FleetView(() => parts.hub.client);
  }

  /** `files` are what the repository begins with, `settings` further variables of the hub. */
  static async start(
    directory: string,
    files: Readonly<Record<string, string>>,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<BenchHub> {
    const [logs, content] = [join(directory, 'logs'), join(directory, 'content')];
    mkdirSync(logs, { recursive: true });
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(content, path)), { recursive: true });
      writeFileSync(join(content, path), text);
    }
    const repository = await GitRepository.create(join(directory, 'git'), content);
    const calm = { FLOTILLA_BEAT_INTERVAL: '60s', FLOTILLA_SNAPSHOT_DELAY: '1s' };
    const hub = await HubProcess.create(join(directory, 'hub'), logs, { ...calm, ...settings });
    await hub.start();
    const database = openDatabase({ url: databaseUrl(join(directory, 'hub')), maxConnections: 2, applicationName: 'flotilla bench' });
    return new BenchHub({ hub, repository, database, directory });
  }

  /** A project that allows everything from this repository. */
  async applyProject(): Promise<void> {
    await this.fleet.apply({
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AppProject',
      metadata: { name: RENDER_PROJECT, namespace: 'argocd' },
      spec: { sourceRepos: ['*'], destinations: [{ name: '*', namespace: '*' }] },
    });
  }

  applySet(
    name: string,
    generator: object,
    application: { name: string; path: string; cluster: string; namespace: string; policy: string },
  ): Promise<unknown> {
    const metadata = { name, namespace: 'argocd', annotations: { 'flotilla.dev/rollout-policy': application.policy } };
    const document: DemoDocument = {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'ApplicationSet',
      metadata,
      spec: {
        generators: [generator],
        template: {
          metadata: { name: application.name },
          spec: {
            project: RENDER_PROJECT,
            source: { repoURL: this.repository.url, targetRevision: 'main', path: application.path },
            destination: { name: application.cluster, namespace: application.namespace },
            syncPolicy: { automated: { prune: true, selfHeal: true } },
          },
        },
      },
    };
    return this.fleet.apply(document);
  }

  /** One token for many agents, taken in without a person. */
  async joinToken(uses: number, labels: Record<string, string>): Promise<string> {
    const body = { uses, labels, validFor: '1h', autoAccept: true };
    return (await this.hub.client.request<{ join: string }>('POST', '/v1/clusters', { body })).join;
  }

  /** CPU so far of the hub's process and of its PostgreSQL and NATS, in ms; zero where /proc is not. PostgreSQL with its backends, ended ones too. */
  cpu(): { hub: number; postgres: number; nats: number } {
    const run = join(this.directory, 'hub', 'run');
    const pidOf = (file: string): number => (JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid;
    return {
      hub: this.#cpu.alone(pidOf(join(this.directory, 'hub', 'hub.json'))),
      postgres: this.#cpu.of(pidOf(join(run, 'postgres.pid'))),
      nats: this.#cpu.alone(pidOf(join(run, 'nats.pid'))),
    };
  }

  rssMiB(): number {
    const { pid } = JSON.parse(readFileSync(join(this.directory, 'hub', 'hub.json'), 'utf8')) as { pid: number };
    return residentMiB(pid);
  }

  async stop(): Promise<void> {
    await this.database.close();
    await this.hub.stop();
  }
}

export function residentMiB(pid: number): number {
  if (process.platform !== 'linux') return Number.NaN;
  const kib = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kib) / 1024);
}

function databaseUrl(hub: string): string {
  const home = join(hub, 'postgres');
  const data = readdirSync(home).find((name) => /^data-\d+$/.test(name))!;
  const port = readFileSync(join(home, data, 'postmaster.pid'), 'utf8').split('\n')[3];
  return `postgres://postgres:${readFileSync(join(home, 'password'), 'utf8').trim()}@127.0.0.1:${port}/postgres`;
}
