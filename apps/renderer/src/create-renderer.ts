import type { BlobStore } from '@flotilla/blobs';
import type { PushedReply, PushedRequest, RenderReply, RenderRequest, ResolveReply, ResolveRequest } from '@flotilla/contracts';
import { AddressPolicy } from '@flotilla/http';
import type { Clock } from '@flotilla/kernel';
import type { Keyring } from '@flotilla/keyring';
import type { Outcome } from '@flotilla/reconcile';
import type { ResourceKey, ResourceStore } from '@flotilla/resources';
import type { Sandbox } from '@flotilla/sandbox';
import type { Logger } from '@flotilla/telemetry';
import { KeptRenders } from './changes/kept-renders.js';
import { CredentialSource } from './credentials/credential-source.js';
import { GitRunner } from './git/git-runner.js';
import { ListCommit } from './listings/list-commit.js';
import type { RendererConfig } from './renderer.config.js';
import { RenderApplications } from './rendering/render-applications.js';
import { RenderBundle } from './rendering/render-bundle.js';
import type { RenderCacheStore } from './rendering/render-cache.store.js';
import { ToolRunner } from './rendering/tool-runner.js';
import { Tools } from './rendering/tools.js';
import { Repositories } from './resolving/repositories.js';
import { resolveRefs } from './resolving/resolve-refs.js';
import { AnnouncedPushes } from './sources/announced-pushes.js';
import type { AnnouncementStore } from './sources/announcement.store.js';
import { DropMirrors } from './sources/drop-mirrors.js';
import { KeepSources } from './sources/keep-sources.js';
import { PollSchedule } from './sources/poll-schedule.js';
import { RefreshSources } from './sources/refresh-sources.js';

type Listing = ReturnType<ListCommit['directories']>;

/** The use cases behind the routes. */
export interface RendererUses extends Record<string, unknown> {
  resolve(request: ResolveRequest): Promise<ResolveReply>;
  render(request: RenderRequest): Promise<RenderReply>;
  directories(request: Parameters<ListCommit['directories']>[0]): Listing;
  files(request: Parameters<ListCommit['files']>[0]): Listing;
  pushed(request: PushedRequest): Promise<PushedReply>;
  keepSources(key: ResourceKey): Promise<Outcome>;
  firstRevision(key: ResourceKey): Promise<Outcome>;
  poll(): Promise<void>;
  sweep(): Promise<void>;
  sweepMirrors(): Promise<number>;
}

/** The adapters the composition root chose. */
export interface RendererPorts {
  store: ResourceStore;
  blobs: BlobStore;
  keyring: Keyring;
  cache: RenderCacheStore;
  announcements: AnnouncementStore;
  sandbox: Sandbox;
  logger: Logger;
  clock: Clock;
  random?: () => number;
}

export interface Renderer {
  uses: RendererUses;
  /** Resolves when no announced push is being fetched. */
  settle(): Promise<void>;
  /** Ends the processes it holds. */
  close(): void;
}

/** Results of renders that nobody asked for so long are dropped from the cache. */
const UNUSED_RENDER_MS = 30 * 24 * 3_600_000;

export function createRenderer(config: RendererConfig, ports: RendererPorts): Renderer {
  const now = () => ports.clock.now();
  const git = new GitRunner({
    path: config.path,
    secretsDir: config.secretsDir,
    fetchTimeoutMs: config.fetchTimeoutMs,
    maxPackBytes: config.maxRepositoryBytes,
  });
  const credentials = new CredentialSource(ports.store, ports.keyring, ports.logger, now);
  const addresses = new AddressPolicy({ allowPrivate: true, allow: config.allowAddresses });
  const repositories = new Repositories(git, credentials, addresses, { dataDir: config.gitDir, schemes: config.schemes });
  const tools = new Tools({ helm: config.helm, kustomize: config.kustomize, path: config.path, cacheDir: config.toolCache }, ports.sandbox);
  const runner = new ToolRunner(tools, ports.sandbox, {
    workDir: config.workDir,
    concurrency: config.renderConcurrency,
    maxWaiting: config.renderQueue,
    timeoutMs: config.renderTimeoutMs,
  });
  const bundles = new RenderBundle(runner, ports.blobs, ports.keyring, ports.cache, now);
  const { store, logger } = ports;
  const applications = new RenderApplications({ store, repositories, runner, bundles, kept: new KeptRenders(now), logger });
  const listings = new ListCommit(repositories, ports.blobs);
  const keep = new KeepSources(ports.store, now);
  const refresh = new RefreshSources(ports.store, repositories, ports.logger, now);
  const mirrors = new DropMirrors(ports.store, repositories, { dataDir: config.gitDir, schemes: config.schemes }, now);
  const pushes = new AnnouncedPushes(ports.announcements, refresh, ports.logger, now);
  const schedule = new PollSchedule(config.pollIntervalMs, now, ports.random ?? Math.random);
  return {
    uses: {
      resolve: (request) => resolveRefs(repositories, request),
      render: (request) => applications.render(request),
      directories: (request) => listings.directories(request),
      files: (request) => listings.files(request),
      pushed: (request) => pushes.take(request),
      keepSources: (key) => keep.keep(key),
      firstRevision: (key) => refresh.first(key),
      poll: async () => {
        await Promise.all([pushes.recover(), pollDue(refresh, schedule)]);
      },
      sweep: async () => {
        await keep.dropUnused();
        await ports.cache.dropUnused(now() - UNUSED_RENDER_MS);
      },
      sweepMirrors: () => mirrors.run(),
    },
    settle: () => pushes.settle(),
    close: () => repositories.close(),
  };
}

async function pollDue(refresh: RefreshSources, schedule: PollSchedule): Promise<void> {
  const turns = new Map<string, boolean>();
  await refresh.poll((repoURL) => {
    const isDue = turns.get(repoURL) ?? schedule.take(repoURL);
    turns.set(repoURL, isDue);
    return isDue;
  });
}
