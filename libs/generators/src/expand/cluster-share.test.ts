import type { ApplicationSet } from '@flotilla/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ClusterEntry, GeneratorPorts } from '../generator/generator.js';
import { clusterEntry, memoryPorts } from '../testing-ports.fake.js';
import { ClusterShares } from './cluster-share.js';
import { expandSet } from './expand-set.js';
import type { GeneratedApplication } from './expansion.js';

const FILES = { 'apps/web/x': '', 'apps/api/x': '', 'envs/dev/one/x': '', 'envs/prod/one/x': '', 'envs/prod/two/x': '' };
const git = (path: string) => ({ git: { repoURL: 'https://g/r', revision: 'main', directories: [{ path }] } });
const clusters = (spec: object = {}) => ({ clusters: { selector: { matchExpressions: [{ key: 'env', operator: 'Exists' }] }, ...spec } });
const matrix = (first: object, second: object) => ({ matrix: { generators: [first, second] } });
const elements = { list: { elements: [{ team: 'a' }, { team: 'b' }] } };

function setOf(generators: object[], name: string, spec: object = {}): ApplicationSet {
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name: 'apps', namespace: 'argocd' },
    spec: {
      generators,
      template: {
        metadata: { name, labels: { at: name } },
        spec: { project: 'default', source: { repoURL: 'https://g/r', path: 'p' }, destination: { namespace: 'x' } },
      },
      ...spec,
    },
  } as unknown as ApplicationSet;
}

const GO = { goTemplate: true, goTemplateOptions: ['missingkey=error'] };
const SETS: Readonly<Record<string, ApplicationSet>> = {
  'clusters alone': setOf([clusters()], '{{name}}-{{metadata.labels.env}}'),
  'clusters without a selector': setOf([{ clusters: {} }], 'all-{{name}}'),
  'clusters and directories': setOf([matrix(clusters(), git('apps/*'))], '{{path.basename}}-{{name}}-{{metadata.labels.env}}'),
  'directories and clusters': setOf([matrix(git('apps/*'), clusters())], '{{path.basename}}-{{name}}-{{metadata.labels.env}}'),
  'directories that a label names': setOf([matrix(clusters(), git('envs/{{metadata.labels.env}}/*'))], '{{name}}-{{path.basename}}'),
  'three generators deep': setOf([matrix(matrix(clusters(), elements), git('apps/*'))], '{{name}}-{{team}}-{{path.basename}}'),
  'two entries, one without clusters': setOf([clusters(), { list: { elements: [{ name: 'solo' }] } }], 'x-{{name}}'),
  'a selector beside the generator': setOf(
    [{ ...clusters(), selector: { matchLabels: { 'metadata.labels.env': 'prod' } } }],
    '{{name}}-{{metadata.labels.env}}',
  ),
  'Go templates': setOf(
    [matrix(clusters({ values: { e: '{{ .metadata.labels.env }}' } }), git('apps/*'))],
    '{{ .path.basename }}-{{ .name }}-{{ .values.e }}',
    GO,
  ),
};

const arbitraryCluster = fc.record({
  name: fc.constantFrom('c1', 'c2', 'c3', 'c4'),
  env: fc.option(fc.constantFrom('dev', 'prod', 'none'), { nil: undefined }),
});

const entryOf = ({ name, env }: { name: string; env?: string | undefined }) => clusterEntry(name, env === undefined ? {} : { env });
const portsOf = (inventory: ReadonlyMap<string, ClusterEntry>) => memoryPorts({ clusters: [...inventory.values()], files: FILES });
const digestsOf = (applications: readonly GeneratedApplication[]) => new Map(applications.map(({ name, digest }) => [name, digest]));

/** What the service does with shares: takes one out, puts the other in; undefined when only a whole expansion can tell. */
async function follow(
  shares: ClusterShares,
  known: ReadonlyMap<string, string>,
  { before, after }: { before: ClusterEntry | undefined; after: ClusterEntry | undefined },
  ports: GeneratorPorts,
): Promise<Map<string, string> | undefined> {
  const gone = before ? await shares.of(before, ports) : [];
  const come = after ? await shares.of(after, ports) : [];
  if (!gone || !come || gone.some(({ name, digest }) => known.get(name) !== digest)) return undefined;
  const next = new Map(known);
  for (const { name } of gone) next.delete(name);
  if (come.some(({ name }) => next.has(name))) return undefined;
  for (const { name, digest } of come) next.set(name, digest);
  return next;
}

describe('the share of one cluster', () => {
  it.each(Object.keys(SETS))('followed from change to change, gives what a whole expansion gives: %s', async (title) => {
    const set = SETS[title]!;
    let followed = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(arbitraryCluster, { minLength: 1, maxLength: 12 }), async (changes) => {
        const shares = ClusterShares.of(set)!;
        const inventory = new Map([['c0', clusterEntry('c0', { env: 'dev' })]]);
        let known = digestsOf((await expandSet(set, portsOf(inventory))).applications);
        for (const change of changes) {
          const before = inventory.get(change.name);
          const after = entryOf(change);
          inventory.set(change.name, after);
          const whole = await expandSet(set, portsOf(inventory));
          const next = await follow(shares, known, { before, after }, portsOf(inventory));
          if (next) followed++;
          if (next && whole.held.length === 0) expect([...next].sort()).toEqual([...digestsOf(whole.applications)].sort());
          if (next) expect(whole.held).toEqual([]);
          known = digestsOf(whole.applications);
        }
      }),
      { numRuns: 40 },
    );
    expect(followed).toBeGreaterThan(20);
  });

  it('is not told apart where generators look at all clusters together', () => {
    const whole = [
      [{ clusters: { flatList: true } }],
      [{ merge: { mergeKeys: ['name'], generators: [clusters(), elements] } }],
      [matrix({ list: { elements: [{ e: 'dev' }] } }, { clusters: { selector: { matchLabels: { env: '{{e}}' } } } })],
      [matrix(clusters(), clusters())],
      [{ clusterDecisionResource: { configMapRef: 'duck', name: 'd' } }],
    ];
    for (const generators of whole) expect(ClusterShares.of(setOf(generators, '{{name}}'))).toBeUndefined();
  });

  it('is left to a whole expansion when it has something to remark: no directory of that label, an unknown tag, an empty name', async () => {
    const ports = memoryPorts({ files: FILES });
    const shareOf = async (generators: object[], name: string) =>
      ClusterShares.of(setOf(generators, name))!.of(clusterEntry('c', { env: 'none' }), ports);
    expect(await shareOf([matrix(clusters(), git('envs/{{metadata.labels.env}}/*'))], '{{name}}')).toBeUndefined();
    expect(await shareOf([clusters()], 'Not A Name {{name}}')).toBeUndefined();
    const spec = { template: { metadata: { name: '{{name}}', labels: { x: '{{nope}}' } }, spec: { project: 'default' } } };
    expect(await ClusterShares.of(setOf([clusters()], '{{name}}', spec))!.of(clusterEntry('c', { env: 'a' }), ports)).toBeUndefined();
  });

  it('is left to a whole expansion for the cluster the hub runs in', async () => {
    const local = clusterEntry('local', { env: 'a' }, 'https://kubernetes.default.svc');
    expect(await ClusterShares.of(setOf([clusters()], '{{name}}'))!.of(local, memoryPorts({}))).toBeUndefined();
  });

  it('fails as the whole expansion fails', async () => {
    const shares = ClusterShares.of(setOf([clusters()], '{{metadata.labels.missing}}'))!;
    await expect(shares.of(clusterEntry('c', { env: 'a' }), memoryPorts({}))).rejects.toThrow('metadata.labels.missing');
  });

  it('asks ports of the project, which see that cluster alone', async () => {
    const seen: number[] = [];
    const ports = memoryPorts({});
    const ofProject: GeneratorPorts['ofProject'] = () => ({
      ...ports,
      scope: {
        project: 'default',
        refuseCluster: (cluster) => {
          seen.push(cluster.name.length);
          return cluster.name === 'hidden' ? 'not permitted' : undefined;
        },
        refuseRepository: () => undefined,
      },
    });
    const shares = ClusterShares.of(setOf([clusters()], '{{name}}'))!;
    const labels = { env: 'a' };
    expect((await shares.of(clusterEntry('c', labels), { ...ports, ofProject }))?.map(({ name }) => name)).toEqual(['c']);
    expect(await shares.of(clusterEntry('hidden', labels), { ...ports, ofProject })).toBeUndefined();
    expect(seen.length).toBeGreaterThan(0);
  });
});
