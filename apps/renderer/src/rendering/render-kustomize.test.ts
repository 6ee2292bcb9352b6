import type { ApplicationSource, KustomizeSource } from '@flotilla/contracts';
import type { GitRepository } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RendererBench, startRendererBench } from '../testing/renderer-bench.js';

const DEPLOYMENT = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'nginx:1.0'}]}
`;

let bench: RendererBench;
let repository: GitRepository;
let commit: string;

beforeAll(async () => {
  bench = await startRendererBench();
  repository = await bench.server.createRepo('kustomize', {
    'base/kustomization.yaml': 'resources: [web.yaml]\n',
    'base/web.yaml': DEPLOYMENT,
    'prod/kustomization.yaml':
      'resources: [../base]\nnamePrefix: prod-\nimages:\n- {name: nginx, newName: registry/nginx, newTag: "2"}\ncommonLabels: {team: a}\n',
    'component/kustomization.yaml': 'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncommonAnnotations: {from: component}\n',
    'remote/kustomization.yaml': 'resources: ["https://example.com/base.yaml"]\n',
    'hosted/kustomization.yaml': 'resources: ["github.com/org/repo//base?ref=v1"]\n',
    'absent/kustomization.yaml': 'resources: [nowhere.yaml]\n',
    'outside/kustomization.yaml': 'resources: ["../../../etc"]\n',
    'cycle-a/kustomization.yaml': 'resources: [../cycle-b]\n',
    'cycle-b/kustomization.yaml': 'resources: [../cycle-a]\n',
    'exec/kustomization.yaml': 'generators: [plugin.yaml]\n',
    'exec/plugin.yaml':
      'apiVersion: x\nkind: ConfigMap\nmetadata:\n  name: x\n  annotations:\n    config.kubernetes.io/function: "exec: {path: /bin/true}"\n',
    'unrelated.txt': '1',
  });
  commit = (await bench.server.repositories.resolve(repository, 'main'))!;
});
afterAll(() => bench.close());

const source = (path: string, kustomize?: KustomizeSource): ApplicationSource => ({
  repoURL: repository.httpUrl,
  path,
  ...(kustomize ? { kustomize } : {}),
});

interface Deployment {
  metadata: { name: string; labels: Record<string, string> };
  spec: {
    replicas: number;
    paused?: boolean;
    selector: { matchLabels: Record<string, string> };
    template: { spec: { containers: { image: string }[] } };
  };
}

async function web(path: string, options?: KustomizeSource): Promise<Deployment> {
  return (await bench.objects(source(path, options), commit)).objects[0] as unknown as Deployment;
}

test('options are written into the kustomization, as Argo CD does', async () => {
  const edited = await web('prod', {
    namePrefix: 'eu-',
    nameSuffix: '-x',
    namespace: 'team',
    images: ['nginx=other/nginx:3'],
    replicas: [{ name: 'web', count: '4' }],
    commonAnnotations: { where: '$ARGOCD_APP_NAME' },
    commonAnnotationsEnvsubst: true,
    components: ['../component'],
    patches: [{ target: { kind: 'Deployment' }, patch: '- {op: add, path: /spec/paused, value: true}' }],
  });
  expect(edited.metadata).toMatchObject({
    name: 'eu-web-x',
    namespace: 'team',
    annotations: { where: 'app', from: 'component' },
    labels: { team: 'a' },
  });
  expect([edited.spec.replicas, edited.spec.paused, edited.spec.template.spec.containers[0]!.image]).toEqual([4, true, 'other/nginx:3']);
});

test('labels go into selectors, unless told otherwise, and never silently over those that stand there', async () => {
  expect((await web('base', { commonLabels: { team: 'b' } })).spec.selector.matchLabels).toEqual({ app: 'web', team: 'b' });
  const plain = await web('base', { commonLabels: { team: 'b' }, labelWithoutSelector: true });
  expect([plain.metadata.labels, plain.spec.selector.matchLabels]).toEqual([{ team: 'b' }, { app: 'web' }]);
  expect(await bench.failure(source('prod', { commonLabels: { team: 'b' } }), commit)).toMatchObject({
    code: 'bad-source-option',
    message: expect.stringContaining('forceCommonLabels'),
  });
  expect((await web('prod', { commonLabels: { team: 'b' }, forceCommonLabels: true })).metadata.labels.team).toBe('b');
});

test('an image that names an unset variable is refused (A08)', async () => {
  expect(await bench.failure(source('base', { images: ['myapp=${IMAGE_TAG}'] }), commit)).toMatchObject({
    code: 'bad-source-option',
    message: expect.stringContaining('unresolved ${IMAGE_TAG}'),
  });
});

test('nothing is fetched or run, and nothing outside the repository is read', async () => {
  const failures = await Promise.all(
    ['remote', 'hosted', 'absent', 'outside', 'cycle-a', 'exec'].map(async (path) => {
      const application = await bench.putApplication(`app-${path}`, [source(path)]);
      const answer = await bench.render(application, [commit]);
      return 'error' in answer ? answer.error.code : 'rendered';
    }),
  );
  expect(failures).toEqual(['source-not-supported', 'source-not-supported', 'bad-path', 'bad-path', 'render-failed', 'render-failed']);
});

test('a commit that touches other files keeps the render key', async () => {
  const before = (await bench.objects(source('prod'), commit)).answer;
  const unrelated = await bench.server.commit(repository, { 'unrelated.txt': '2', 'component/extra.txt': 'x' });
  const base = await bench.server.commit(repository, { 'base/web.yaml': DEPLOYMENT.replace('replicas: 1', 'replicas: 2') });
  const same = (await bench.objects(source('prod'), unrelated)).answer;
  const changed = (await bench.objects(source('prod'), base)).answer;
  expect([same.renderKey, same.bundle]).toEqual([before.renderKey, before.bundle]);
  expect(changed.renderKey).not.toBe(before.renderKey);
});

test('without Kustomize, kubectl builds the same', async () => {
  const expected = (await bench.objects(source('prod'), commit)).answer.bundle;
  const other = bench.another({ FLOTILLA_TOOL_CACHE: bench.dir, PATH: '/usr/bin:/bin', FLOTILLA_KUSTOMIZE: '' });
  const { metadata } = await bench.putApplication('app', [source('prod')]);
  const item = { namespace: 'argocd', name: 'app', uid: metadata.uid!, commits: [commit] };
  expect((await other.uses.render({ items: [item] })).items[0]).toMatchObject({ bundle: expected });
});
