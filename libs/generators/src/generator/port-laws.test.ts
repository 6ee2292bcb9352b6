import type { ApplicationSet } from '@flotilla/contracts';
import { UnavailableError } from '@flotilla/kernel';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { expandSet } from '../expand/expand-set.js';
import { clusterEntry, memoryPorts } from '../testing-ports.fake.js';
import type { GeneratorPorts, RepositoryFile } from './generator.js';

const repoURL = 'https://g/r';
const words = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,5}$/), { minLength: 1, maxLength: 5 });

/** Terminal generators, each over another port; each gives `n`. */
const terminals: Readonly<Record<string, Record<string, unknown>>> = {
  list: { list: { elements: [{ n: 'l1' }, { n: 'l2' }] } },
  clusters: { clusters: { selector: { matchExpressions: [{ key: 'n', operator: 'Exists' }] } } },
  directories: { git: { repoURL, directories: [{ path: '*' }], values: { n: '{{path.basename}}' } } },
  files: { git: { repoURL, files: [{ path: '*' }] } },
  scmProvider: { scmProvider: { github: {} } },
  pullRequest: { pullRequest: { github: {} } },
  plugin: { plugin: { configMapRef: { name: 'p' } } },
  decision: { clusterDecisionResource: { configMapRef: 'duck', name: 'd' } },
};
const terminal = fc.constantFrom(...Object.keys(terminals)).map((name) => terminals[name]!);
const generator = fc.oneof(
  { weight: 2, arbitrary: terminal },
  { weight: 1, arbitrary: terminal.map((child) => ({ matrix: { generators: [{ list: { elements: [{ m: 'x' }] } }, child] } })) },
  {
    weight: 1,
    arbitrary: terminal.map((child) => ({ merge: { mergeKeys: ['n'], generators: [child, { list: { elements: [{ n: 'l1' }] } }] } })),
  },
);

const setOf = (generators: Record<string, unknown>[]): ApplicationSet => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: { name: 'apps', namespace: 'argocd' },
  spec: {
    generators,
    template: { metadata: { name: 'fixed' }, spec: { project: 'default', source: { repoURL, path: 'p' }, destination: { name: 'c' } } },
  },
});

/** Ports that all answer something, of which one question fails; they count what they are asked. */
function portsFailingAt(failing: number): { ports: GeneratorPorts; asked: () => number } {
  let asked = 0;
  const answer = async <T>(value: T): Promise<T> => {
    asked += 1;
    if (asked === failing) throw new UnavailableError('no answer');
    return value;
  };
  const ports: GeneratorPorts = {
    clusters: () => answer([clusterEntry('c1', { n: 'x' })]),
    directories: () => answer(['d1']),
    files: () => answer([{ path: 'a.json', text: '{"n": "f1"}' }]),
    hosts: {
      repositories: () => answer([{ n: 's1', url: repoURL }]),
      pullRequests: () => answer([{ params: { n: 'r1' }, repositoryUrls: [repoURL] }]),
      plugin: () => answer([{ n: 'p1' }]),
    },
    decisions: {
      configMap: () => answer({ apiVersion: 'a/v1', kind: 'ducks', matchKey: 'name' }),
      resources: () => answer([{ name: 'd', status: { clusters: [{ name: 'c1' }] } }]),
    },
  };
  return { ports, asked: () => asked };
}

test('a question that fails makes the expansion an error, whatever the generators and whichever question: never a shorter one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(generator, { minLength: 1, maxLength: 3 }), async (generators) => {
      const whole = portsFailingAt(0);
      const names = ({ applications, held }: Awaited<ReturnType<typeof expandSet>>) => [...applications, ...held].map(({ name }) => name);
      const before = names(await expandSet(setOf(generators), whole.ports));
      for (let failing = 1; failing <= whole.asked(); failing++) {
        await expect(expandSet(setOf(generators), portsFailingAt(failing).ports)).rejects.toMatchObject({ code: 'generator-input' });
      }
      expect(names(await expandSet(setOf(generators), portsFailingAt(whole.asked() + 1).ports))).toEqual(before);
    }),
    { numRuns: 80 },
  );
});

/** Elements, clusters, files and directories side by side, under names that tell them apart. */
async function expandAll(
  elements: readonly string[],
  clusters: readonly string[],
  files: readonly RepositoryFile[],
  directories: readonly string[],
) {
  const named = (name: string) => ({ template: { metadata: { name } } });
  const { spec } = setOf([
    { list: { elements: elements.map((n) => ({ n })), ...named('list-{{n}}') } },
    { clusters: { ...named('cluster-{{name}}') } },
    { git: { repoURL, files: [{ path: '*' }], ...named('file-{{n}}') } },
    { git: { repoURL, directories: [{ path: '*' }], ...named('directory-{{path.basename}}') } },
  ]);
  const set = { ...setOf([]), spec: { ...spec, template: { ...spec.template, metadata: {} } } };
  const ports = {
    ...memoryPorts({ clusters: clusters.map((name) => clusterEntry(name)) }),
    files: async () => files,
    directories: async () => directories,
  };
  const { applications, held, warnings } = await expandSet(set, ports);
  return { applications: applications.map(({ name, digest }) => `${name} ${digest}`), held, warnings };
}

test('elements, clusters, files and directories give the same applications, sorted by name, in whatever order they come', async () => {
  await fc.assert(
    fc.asyncProperty(words, words, words, words, fc.func(fc.integer()), async (elements, clusters, files, directories, rank) => {
      const shuffled = <T>(items: readonly T[]): T[] => [...items].sort((a, b) => rank(a) - rank(b));
      const texts = files.map((name, i) => ({ path: `${name}.json`, text: `{"n": "${name}-${i}"}` }));
      const first = await expandAll(elements, clusters, texts, directories);
      expect(await expandAll(shuffled(elements), shuffled(clusters), shuffled(texts), shuffled(directories))).toEqual(first);
      const listed = first.applications.map((line) => line.split(' ')[0]!);
      expect(listed).toEqual([...listed].sort());
      expect(listed).toHaveLength(elements.length + clusters.length + files.length + directories.length + 1);
    }),
    { numRuns: 60 },
  );
});
