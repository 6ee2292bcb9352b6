import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ApplicationSource } from '@flotilla/contracts';
import type { GitRepository } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { filesOf, type RendererBench, startRendererBench } from '../testing/renderer-bench.js';

const REPOS = fileURLToPath(new URL('../../../../test/corpus/repos', import.meta.url));
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

test('every chart and kustomization of the corpus renders', async () => {
  const items: { namespace: string; name: string; uid: string; commits: string[]; place: string }[] = [];
  for (const [name, { repository, commit, paths }] of corpus) {
    for (const root of new Set(paths.filter((path) => /(^|\/)(Chart|kustomization)\.yaml$/.test(path)).map((path) => dirname(path)))) {
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
