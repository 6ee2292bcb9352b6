import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FakeBlobStore } from '@flotilla/blobs/testing';
import type { Application, ApplicationSource, Bundle, RenderReply, RenderRequest, ResourceDocument } from '@flotilla/contracts';
import { type Digest, ManualClock } from '@flotilla/kernel';
import { MasterKeyring } from '@flotilla/keyring';
import { FakeResourceStore } from '@flotilla/resources/testing';
import { sandbox } from '@flotilla/sandbox';
import { silentLogger } from '@flotilla/telemetry';
import { type GitServer, type GitServerOptions, startGitServer } from '@flotilla/testkit';
import { createRenderer, type Renderer } from '../create-renderer.js';
import { readRendererConfig } from '../renderer.config.js';
import { FakeRenderCacheStore } from '../rendering/render-cache.store.fake.js';
import { FakeAnnouncementStore } from '../sources/announcement.store.fake.js';

type Answer = RenderReply['items'][number];
export type RenderedAnswer = Extract<Answer, { bundle: string }>;
export type FailedAnswer = Extract<Answer, { error: unknown }>;

/** A renderer with a real Git server, real tools and stores in memory. */
export interface RendererBench {
  server: GitServer;
  store: FakeResourceStore;
  blobs: FakeBlobStore;
  /** A stored blob as JSON. */
  json(digest: string): Promise<unknown>;
  keyring: MasterKeyring;
  cache: FakeRenderCacheStore;
  clock: ManualClock;
  renderer: Renderer;
  dir: string;
  /** A second renderer over the same stores, with variables of its own. */
  another(env: Record<string, string>): Renderer;
  putSecret(name: string, type: 'repository' | 'repo-creds', data: Record<string, string>): Promise<void>;
  putConfigMap(name: string, data: Record<string, string>): Promise<void>;
  putApplication(name: string, sources: ApplicationSource[], rest?: Partial<Application['spec']>): Promise<Application>;
  render(application: Application, commits: string[], facts?: Partial<RenderRequest['items'][number]>): Promise<Answer>;
  /** Renders one source at a commit; throws with the error's text when that fails. */
  objects(
    source: ApplicationSource,
    commit: string,
    rest?: Partial<Application['spec']>,
  ): Promise<{ answer: RenderedAnswer; objects: ResourceDocument[] }>;
  failure(source: ApplicationSource, commit: string): Promise<{ code: string; message: string }>;
  close(): Promise<void>;
}

export async function startRendererBench(options: GitServerOptions = {}): Promise<RendererBench> {
  const [server, dir, box] = await Promise.all([startGitServer(options), mkdtemp(join(tmpdir(), 'flotilla-renderer-test-')), sandbox()]);
  const clock = new ManualClock();
  const store = new FakeResourceStore({ clock });
  const [blobs, keyring, cache] = [
    new FakeBlobStore(clock),
    new MasterKeyring(Buffer.alloc(32, 7)),
    new FakeRenderCacheStore(() => clock.now()),
  ];
  const announcements = new FakeAnnouncementStore();
  const ports = { store, blobs, keyring, cache, announcements, sandbox: box, logger: silentLogger, clock, random: () => 0.5 };
  const base = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    FLOTILLA_HELM: process.env.FLOTILLA_HELM,
    FLOTILLA_KUSTOMIZE: process.env.FLOTILLA_KUSTOMIZE,
  };
  const renderers: Renderer[] = [];
  const another = (env: Record<string, string>): Renderer => {
    const config = readRendererConfig({
      ...base,
      FLOTILLA_RENDERER_DIR: join(dir, String(renderers.length)),
      FLOTILLA_GIT_ALLOW_INSECURE: 'true',
      ...env,
    });
    const renderer = createRenderer(config, ports);
    renderers.push(renderer);
    return renderer;
  };
  const renderer = another({});
  const write = (document: ResourceDocument) =>
    store.transaction({ actor: 'test' }, async (tx) => {
      await tx.delete({ kind: document.kind, namespace: document.metadata.namespace ?? '', name: document.metadata.name });
      return tx.create(document);
    });
  const meta = (name: string, labels?: Record<string, string>) => ({ name, namespace: 'argocd', ...(labels ? { labels } : {}) });
  const json = async (digest: string): Promise<unknown> => {
    const [blob] = await blobs.get([digest as Digest]);
    if (!blob) throw new Error(`no blob ${digest}`);
    return JSON.parse(Buffer.from(blob.bytes).toString());
  };
  const bench: RendererBench = {
    server,
    store,
    blobs,
    json,
    keyring,
    cache,
    clock,
    renderer,
    dir,
    another,
    putSecret: async (name, type, data) => {
      const seal = ([key, value]: [string, string]) => [
        key,
        keyring.seal(Buffer.from(value), { kind: 'Secret', namespace: 'argocd', name, key }),
      ];
      const metadata = meta(name, { 'argocd.argoproj.io/secret-type': type });
      await write({ apiVersion: 'v1', kind: 'Secret', metadata, data: Object.fromEntries(Object.entries(data).map(seal)) });
    },
    putConfigMap: async (name, data) => {
      await write({ apiVersion: 'v1', kind: 'ConfigMap', metadata: meta(name), data });
    },
    putApplication: async (name, sources, rest = {}) => {
      const spec = { project: 'default', destination: { name: 'dev', namespace: 'apps' }, sources, ...rest };
      return (await write({
        apiVersion: 'argoproj.io/v1alpha1',
        kind: 'Application',
        metadata: meta(name),
        spec,
      })) as unknown as Application;
    },
    render: async ({ metadata }, commits, facts = {}) => {
      const item = { namespace: metadata.namespace!, name: metadata.name, uid: metadata.uid!, commits, ...facts };
      return (await renderer.uses.render({ items: [item] })).items[0]!;
    },
    objects: async (source, commit, rest) => {
      const answer = await bench.render(await bench.putApplication('app', [source], rest), [commit]);
      if ('error' in answer) throw new Error(`${answer.error.code}: ${answer.error.message}`);
      const { items } = (await json(answer.bundle)) as Bundle;
      return { answer, objects: (await Promise.all(items.map(({ digest }) => json(digest)))) as ResourceDocument[] };
    },
    failure: async (source, commit) => {
      const answer = await bench.render(await bench.putApplication('app', [source]), [commit]);
      if (!('error' in answer)) throw new Error('it rendered');
      return answer.error;
    },
    close: async () => {
      for (const one of renderers) one.close();
      await server.stop();
      await rm(dir, { recursive: true, force: true });
    },
  };
  return bench;
}

/** The files of a directory by relative path, for a commit. */
export async function filesOf(dir: string): Promise<Record<string, Uint8Array>> {
  const names = await readdir(dir, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return Object.fromEntries(await Promise.all(files.map(async (file) => [file.slice(dir.length + 1), await readFile(file)])));
}
