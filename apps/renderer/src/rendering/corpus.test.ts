import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ApplicationSource } from '@flotilla/contracts';
import type { GitRepository } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filesOf, type RendererBench, startRendererBench } from '../testing/renderer-bench.js';

const CORPUS = fileURLToPath(new URL('../../../../test/corpus', import.meta.url));
const REPOS = join(CORPUS, 'repos');
let bench: RendererBench;
const corpus = new Map<string, { repository: GitRepository; commit: string; paths: string[] }>();

beforeAll(async () => {
  bench = await startRendererBench();
  for (const name of await readdir(REPOS)) {
    const files = await filesOf(join(REPOS, name));
    const repository = await bench.server.createRepo(name, files);
    const commit = await bench.server.repositories.resolve(repository, 'main');
    corpus.set(name, { repository, commit: commit!, paths: Object.keys(files) });
  }
});
afterAll(() => bench.close());

function render(name: string, path: string, source: Partial<ApplicationSource> = {}) {
  const { repository, commit } = corpus.get(name)!;
  return bench.objects({ repoURL: repository.httpUrl, path, ...source }, commit);
}

/** How many charts and kustomizations each repository holds; what else of it is for a cluster; the rest is for something else. */
const TREES: Record<string, { roots: number; plain?: string }> = {
  '000-app': { roots: 4 },
  '000-app-registry': { roots: 0 },
  '000-environments': { roots: 0 },
  '000-frontend': { roots: 1 },
  '000-gitops-repo': { roots: 12 },
  '000-harness-config': { roots: 0 },
  '000-kubernetes-manifests': { roots: 5 },
  '000-org': { roots: 10 },
  '000-platform': { roots: 2 },
  '001-gitops-deploy': { roots: 14 },
  '002-my-app-manifests': { roots: 9 },
  '002-your-gitops-repo': { roots: 0, plain: '.' },
  '003-app-repo': { roots: 0 },
  '003-config-repo': { roots: 7, plain: 'clusters/production/apps' },
  '003-config-repo-kustomize': { roots: 4 },
  '003-repo': { roots: 3 },
  '004-k8s-manifests': { roots: 3 },
  'stub-helm-repo': { roots: 3 },
};
const rootsOf = (paths: readonly string[]): string[] => [
  ...new Set(paths.filter((path) => /(^|\/)(Chart|kustomization)\.yaml$/.test(path)).map((path) => dirname(path))),
];

test('every chart and kustomization of the corpus renders', async () => {
  const items: { namespace: string; name: string; uid: string; commits: string[]; place: string }[] = [];
  for (const [name, { repository, commit, paths }] of corpus) {
    for (const root of rootsOf(paths)) {
      const source = { repoURL: repository.httpUrl, path: root };
      const { metadata } = await bench.putApplication(`app-${items.length}`, [source], { syncPolicy: { automated: { allowEmpty: true } } });
      items.push({ namespace: 'argocd', name: metadata.name, uid: metadata.uid!, commits: [commit], place: `${name}/${root}` });
    }
  }
  const reply = await bench.renderer.uses.render({ items });
  const failed = reply.items.flatMap((answer, i) => ('error' in answer ? [`${items[i]!.place}: ${answer.error.message}`] : []));
  expect(failed).toEqual([]);
  expect(items.length).toBeGreaterThan(60);
});

test('a directory with both is a Kustomize one, unless a helm block says otherwise (A10)', async () => {
  const kustomize = await render('002-my-app-manifests', 'k8s/base');
  const helm = await render('002-my-app-manifests', 'k8s/base', { helm: { valueFiles: ['values-prod.yaml'] } });
  expect(kustomize.objects.map(({ kind }) => kind)).not.toContain('ConfigMap');
  expect(helm.objects.map(({ kind }) => kind)).toContain('ConfigMap');
});

test('what a tool says while it succeeds is a warning, not a failure (T01)', async () => {
  const { answer } = await render('004-k8s-manifests', 'apps/order-service/overlays/production');
  expect(answer.conditions).toEqual([{ type: 'ToolWarning', message: expect.stringContaining('commonLabels') }]);
});

test('a patch that is not listed is not applied (T03), a second document of a base is (T02)', async () => {
  const production = await render('004-k8s-manifests', 'apps/order-service/overlays/production');
  const staging = await render('004-k8s-manifests', 'apps/order-service/overlays/staging');
  expect([JSON.stringify(production.objects).includes('PATCHED_ENV'), JSON.stringify(staging.objects).includes('PATCHED_ENV')]).toEqual([
    false,
    true,
  ]);
  const patched = await render('003-config-repo-kustomize', 'overlays/production');
  expect(patched.objects.map(({ kind }) => kind)).toContain('HorizontalPodAutoscaler');
});

test('a missing value file is named together with the option that permits it (G14)', async () => {
  const helm = { valueFiles: ['values.yaml', 'values-nowhere.yaml'] };
  await expect(render('002-my-app-manifests', 'helm/my-app', { helm })).rejects.toThrow(
    /bad-path: .*"values-nowhere.yaml" does not exist \(looked for "helm\/my-app\/values-nowhere.yaml"\).*spec\.source\.helm\.ignoreMissingValueFiles/,
  );
  const { objects } = await render('002-my-app-manifests', 'helm/my-app', { helm: { ...helm, ignoreMissingValueFiles: true } });
  expect(objects.length).toBeGreaterThan(0);
});

test('a path that does not exist is named (G12)', async () => {
  await expect(render('004-k8s-manifests', 'apps/order-service/overlays/eu-west-1')).rejects.toThrow(
    'bad-path: source.path: "apps/order-service/overlays/eu-west-1" does not exist at this revision',
  );
});

test('every repository of the corpus is one this run knows, and what is for no cluster says so instead of rendering to nothing', async () => {
  const counted = [...corpus].map(([name, { paths }]) => [name, rootsOf(paths).length]);
  expect(Object.fromEntries(counted)).toEqual(Object.fromEntries(Object.entries(TREES).map(([name, { roots }]) => [name, roots])));
  for (const [name, { roots, plain }] of Object.entries(TREES)) {
    if (plain !== undefined) expect((await render(name, plain)).objects.length).toBeGreaterThan(0);
    else if (roots === 0) {
      await expect(render(name, '.', { directory: { recurse: true } })).rejects.toThrow(
        'empty-source: "." renders to no object at all; check path, include and recurse, or set spec.syncPolicy.automated.allowEmpty',
      );
    }
  }
});

test('the tree holds both directories of applications that the seed names (A09)', async () => {
  const { objects } = await render('003-config-repo', 'clusters/production/apps');
  expect(objects.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual(['Application/my-app']);
  const { paths } = corpus.get('003-config-repo')!;
  for (const name of ['dev', 'staging', 'prod']) expect(paths).toContain(`clusters/${name}/kustomization.yaml`);
});

test('what an overlay renders beside the kinds its project permits is in the bundle, for the project to refuse (P05)', async () => {
  const { objects } = await render('004-k8s-manifests', 'apps/order-service/overlays/production');
  expect(objects.map(({ kind }) => kind).sort()).toEqual(['ConfigMap', 'Deployment', 'HorizontalPodAutoscaler', 'Service']);
});

test('a SealedSecret that nobody can open renders as it stands, and no answer repeats it (S01)', async () => {
  const { answer, objects } = await render('002-my-app-manifests', 'k8s/overlays/prod');
  expect(objects.map(({ kind }) => kind)).toContain('SealedSecret');
  expect(JSON.stringify(answer)).not.toContain('AgBy3i4');
});

test('an image tagged latest is a condition that names object and image, not a failure (K03)', async () => {
  const { answer } = await render('002-your-gitops-repo', '.');
  expect(answer.conditions).toEqual([
    { type: 'LatestTag', message: expect.stringMatching(/write a version or a digest: Deployment\/hello-world \(nginx:latest\)$/) },
  ]);
  const pinned = await render('003-config-repo-kustomize', 'overlays/production');
  expect(pinned.answer.conditions.map(({ type }) => type)).toEqual(['ToolWarning']);
});

test('a Secret with its values in a repository is a condition that names it and no value (S06)', async () => {
  const text = await readFile(join(CORPUS, 'notifications/002-argocd-notifications-secret.yaml'), 'utf8');
  const repository = await bench.server.createRepo('notifications', { 'secret.yaml': text });
  const commit = await bench.server.repositories.resolve(repository, 'main');
  const { answer } = await bench.objects({ repoURL: repository.httpUrl, path: '.' }, commit!);
  expect(answer.conditions).toEqual([
    { type: 'PlainSecret', message: expect.stringMatching(/^plaintext Secret in a repository.*: Secret\/argocd-notifications-secret$/) },
  ]);
  expect(JSON.stringify(answer)).not.toContain('smtp-password');
});

test('an autoscaler below patches is a resource of its overlay (T04)', async () => {
  const prod = await render('001-gitops-deploy', 'apps/backend/overlays/prod');
  const staging = await render('001-gitops-deploy', 'apps/backend/overlays/staging');
  const hasAutoscaler = [prod, staging].map(({ objects }) => objects.some(({ kind }) => kind === 'HorizontalPodAutoscaler'));
  expect(hasAutoscaler).toEqual([true, false]);
});

test('policies beside the manifests are no manifests (V01)', async () => {
  const prod = await render('002-my-app-manifests', 'k8s/overlays/prod');
  expect(prod.objects.map(({ kind }) => kind)).not.toContain('deny');
  await expect(render('002-my-app-manifests', 'policy')).rejects.toThrow('empty-source: "policy" renders to no object at all');
});

test('every oddity of a repository is asserted: here, or where its set is read', async () => {
  const rows = JSON.parse(await readFile(join(CORPUS, 'oddities.json'), 'utf8')) as { id: string; files: string[] }[];
  const ids = rows.filter(({ files }) => files.some((file) => file.startsWith('repos/'))).map(({ id }) => id);
  const ofSets = ['G04', 'G07'];
  expect(ids.sort()).toEqual([...ofSets, 'A09', 'A10', 'K03', 'P05', 'S01', 'T01', 'T02', 'T03', 'T04', 'V01'].sort());
});
