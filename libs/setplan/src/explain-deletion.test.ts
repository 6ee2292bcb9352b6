import { type ApplicationSet, GENERATED_FROM_ANNOTATION, type ResourceDocument } from '@flotilla/contracts';
import { type ClusterEntry, expandSet } from '@flotilla/generators';
import { expect, test } from 'vitest';
import { deletionExplainer } from './explain-deletion.js';
import { planApplications } from './plan-applications.js';

const REPO = 'https://git.example.com/fleet';
interface World {
  generators: ApplicationSet['spec']['generators'];
  clusters?: Record<string, Record<string, string>>;
  directories?: string[];
  name?: string;
}

const setOf = ({ generators, name = '{{name}}' }: World): ApplicationSet => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: { name: 'web', namespace: 'argocd', uid: 'set-1' },
  spec: {
    generators,
    template: {
      metadata: { name },
      spec: { project: 'default', source: { repoURL: REPO, path: 'p' }, destination: { name: 'c', namespace: 'n' } },
    },
  },
});

async function expand(world: World) {
  const clusters = Object.entries(world.clusters ?? {}).map(
    ([name, labels]): ClusterEntry => ({ name, server: `https://${name}`, labels, annotations: {} }),
  );
  const set = setOf(world);
  const ports = { clusters: async () => clusters, directories: async () => world.directories ?? [], files: async () => [] };
  return { set, clusters, expansion: await expandSet(set, ports) };
}

/** Reason and message for everything that the second world has no longer. */
async function explain(before: World, after: World): Promise<string[]> {
  const { set, expansion } = await expand(before);
  const { create } = planApplications({ set, expansion, existing: new Map(), released: [], refuse: () => undefined });
  const now = await expand(after);
  const why = deletionExplainer({
    ...now,
    commitOf: (repoURL, revision) => (repoURL === REPO && revision === 'main' ? 'c0ffee' : undefined),
  });
  const kept = new Set(now.expansion.applications.map(({ name }) => name));
  return create.filter(({ metadata }) => !kept.has(metadata.name)).map((document) => `${why(document).reason}: ${why(document).message}`);
}

const byEnv = (env: string) => [{ clusters: { selector: { matchLabels: { env } } } }];
const git = (...paths: object[]) => [{ git: { repoURL: REPO, revision: 'main', directories: paths } }];

test('names the cluster that went, and the label that no longer matches which selector', async () => {
  const clusters = { a: { env: 'prod' }, b: { env: 'prod' } };
  expect(await explain({ generators: byEnv('prod'), clusters }, { generators: byEnv('prod'), clusters: { b: clusters.b } })).toEqual([
    'ClusterGone: cluster a is no longer in the inventory that generators[0].clusters sees',
  ]);
  expect(await explain({ generators: byEnv('prod'), clusters }, { generators: byEnv('prodd'), clusters: { ...clusters, b: {} } })).toEqual([
    'ClusterNotSelected: cluster a has label env=prod, and generators[0].clusters.selector asks for env=prodd',
    'ClusterNotSelected: cluster b has no label env, and generators[0].clusters.selector asks for env=prodd',
  ]);
});

test('names the directory and the commit it is gone from, or the pattern that leaves it out', async () => {
  const before = { generators: git({ path: 'apps/*' }), directories: ['apps/one'], name: '{{path.basename}}' };
  expect(await explain(before, { ...before, directories: [] })).toEqual([
    `FileGone: apps/one is not in ${REPO} at commit c0ffee, which generators[0].git reads`,
  ]);
  expect(await explain(before, { ...before, generators: git({ path: 'teams/*' }) })).toEqual([
    'FileNotSelected: no path of generators[0].git.directories matches apps/one',
  ]);
  const excluding = git({ path: 'apps/*' }, { path: 'apps/one', exclude: true });
  expect(await explain(before, { ...before, generators: excluding })).toEqual([
    'FileNotSelected: generators[0].git.directories excludes apps/one',
  ]);
});

test('names the element, the generator or the new name', async () => {
  const list = (...elements: string[]) => [{ list: { elements: elements.map((name) => ({ name })) } }];
  expect(await explain({ generators: list('a', 'b') }, { generators: list('b') })).toEqual([
    'ElementGone: no element of generators[0].list makes it any more',
  ]);
  const clusters = { a: { env: 'prod' } };
  expect(await explain({ generators: [...list('x'), ...byEnv('prod')], clusters }, { generators: list('x'), clusters })).toEqual([
    'GeneratorGone: generators[1].clusters is no longer in the set',
  ]);
  expect(await explain({ generators: byEnv('prod'), clusters }, { generators: byEnv('prod'), clusters, name: '{{name}}-v2' })).toEqual([
    'Renamed: a makes a-v2 now',
  ]);
});

test('in a matrix the half that changed is named', async () => {
  const matrix = (env: string) => [{ matrix: { generators: [git({ path: 'apps/*' })[0]!, byEnv(env)[0]!] } }];
  const before = {
    generators: matrix('prod'),
    clusters: { a: { env: 'prod' } },
    directories: ['apps/one'],
    name: '{{path.basename}}-{{name}}',
  };
  expect(await explain(before, { ...before, clusters: { a: { env: 'dev' } } })).toEqual([
    'ClusterNotSelected: cluster a has label env=dev, and generators[0].matrix.generators[1].clusters.selector asks for env=prod',
  ]);
  expect(await explain(before, { ...before, directories: [] })).toEqual([
    `FileGone: apps/one is not in ${REPO} at commit c0ffee, which generators[0].matrix.generators[0].git reads`,
  ]);
});

test('without a record, or with one nobody can read, it says only what is certain', async () => {
  const why = deletionExplainer(await expand({ generators: byEnv('prod') }));
  const document = (annotations: Record<string, string>): ResourceDocument => ({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: { name: 'a', annotations },
  });
  for (const text of ['{', '[{"generator":1}]', '{}']) {
    expect(why(document({ [GENERATED_FROM_ANNOTATION]: text }))).toEqual({
      name: 'a',
      reason: 'NotGenerated',
      message: 'no generator of the set makes it now',
    });
  }
});
