import { createHash } from 'node:crypto';
import type { ApplicationSet } from '@flotilla/contracts';
import {
  type ClusterEntry,
  ClusterShares,
  type Expansion,
  expandSet,
  type GeneratedApplication,
  type GeneratorPorts,
} from '@flotilla/generators';
import { type Digest, digestBytes } from '@flotilla/kernel';
import type { Benchmark } from '../run/benchmark.js';
import { interleave, timed, verify } from '../run/measure.js';

const APPS = 10;
const SAMPLE_EVERY = 997;
const REPOSITORY = 'https://git.example.org/fleet.git';

/** Clusters x the directories of a repository, as B1 asks. */
const SET = {
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: { name: 'bench', namespace: 'argocd' },
  spec: {
    generators: [
      {
        matrix: {
          generators: [
            { clusters: { selector: { matchLabels: { fleet: 'bench' } } } },
            { git: { repoURL: REPOSITORY, revision: 'main', directories: [{ path: 'apps/*' }] } },
          ],
        },
      },
    ],
    template: {
      metadata: { name: '{{path.basename}}-{{name}}', labels: { env: '{{metadata.labels.env}}' } },
      spec: {
        project: 'default',
        source: { repoURL: REPOSITORY, targetRevision: 'main', path: '{{path}}' },
        destination: { name: '{{name}}', namespace: '{{path.basename}}' },
        syncPolicy: { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] },
      },
    },
  },
} as unknown as ApplicationSet;

/** The same set as Go templates. */
const GO_SET = {
  ...SET,
  spec: {
    ...SET.spec,
    goTemplate: true,
    template: JSON.parse(
      JSON.stringify(SET.spec.template)
        .replace('"{{path}}"', '"{{.path.path}}"')
        .replaceAll(/\{\{(path\.basename|name|metadata)/g, '{{.$1'),
    ) as unknown,
  },
} as unknown as ApplicationSet;

function makeClusters(count: number): ClusterEntry[] {
  return Array.from({ length: count }, (_, i) => ({
    name: `cluster-${String(i).padStart(5, '0')}`,
    server: `https://cluster-${i}.example.org`,
    labels: { fleet: 'bench', env: i % 10 === 0 ? 'dev' : 'prod' },
    annotations: {},
  }));
}

const portsOf = (clusters: readonly ClusterEntry[]): GeneratorPorts => ({
  clusters: async () => clusters,
  directories: async () => ['apps', ...Array.from({ length: APPS }, (_, i) => `apps/app-${i}`)],
  files: async () => [],
});

type Digested = Pick<GeneratedApplication, 'name' | 'digest'>;

/** The expansion, and the names that are new, gone or have another digest. */
async function expandAndDiff(clusters: readonly ClusterEntry[], previous: readonly Digested[], set = SET) {
  const expansion = await expandSet(set, portsOf(clusters));
  return { expansion, changed: changedNames(previous, expansion.applications) };
}

/** Both sorted by name. */
function changedNames(before: readonly Digested[], after: readonly Digested[]): string[] {
  const changed: string[] = [];
  let i = 0;
  for (const { name, digest } of after) {
    while (i < before.length && before[i]!.name !== name && before[i]!.name < name) changed.push(before[i++]!.name);
    if (before[i]?.name === name && before[i++]!.digest === digest) continue;
    changed.push(name);
  }
  return [...changed, ...before.slice(i).map(({ name }) => name)];
}

/** Names whose digest another label of one cluster changes, by the share of that cluster alone; the digests are moved along. */
async function followCluster(shares: ClusterShares, digests: Map<string, Digest>, before: ClusterEntry, after: ClusterEntry) {
  const gone = await shares.of(before, portsOf([]));
  const come = await shares.of(after, portsOf([]));
  verify(gone !== undefined && come !== undefined, 'a share that only a whole expansion can tell');
  const changed = come!.filter(({ name, digest }) => digests.get(name) !== digest).map(({ name }) => name);
  for (const { name, digest } of gone!) verify(digests.get(name) === digest && digests.delete(name), `digest of ${name} before`);
  for (const { name, digest } of come!) digests.set(name, digest);
  return changed;
}

function checkExpansion({ applications, held }: Expansion, count: number): Buffer {
  verify(applications.length === count && held.length === 0, `${applications.length} of ${count} applications`);
  const texts = applications.map((application) => application.text());
  applications.forEach(({ digest, name }, i) => {
    if (i % SAMPLE_EVERY === 0) verify(digestBytes(texts[i]!) === digest, `digest of ${name}`);
  });
  return Buffer.from(texts.join(''));
}

/** What is kept of an expansion, as in the service: names and digests. The bytes are the reference's. */
async function firstExpansion(clusters: readonly ClusterEntry[]): Promise<{ bytes: Buffer; previous: Digested[] }> {
  const { expansion } = await expandAndDiff(clusters, []);
  const previous = expansion.applications.map(({ name, digest }) => ({ name, digest }));
  return { bytes: checkExpansion(expansion, clusters.length * APPS), previous };
}

export const EXPAND: Benchmark = {
  id: 'b1',
  title: 'expand clusters x directories, digest, and compare with the previous digests',
  async run({ quick }) {
    const clusters = makeClusters(quick ? 1_000 : 10_000);
    const count = clusters.length * APPS;
    const { bytes, previous } = await firstExpansion(clusters);
    const shares = ClusterShares.of(SET)!;
    let labelled = clusters[77]!;
    const digests = new Map(previous.map(({ name, digest }) => [name, digest]));
    const rounds = 9;
    const { full, go, hash, label } = await interleave(rounds, {
      full: async () => {
        let changed: string[] = ['not run'];
        const ms = await timed(async () => {
          ({ changed } = await expandAndDiff(clusters, previous));
        });
        verify(changed.length === 0, `${changed.length} applications changed without a change`);
        return ms;
      },
      go: async () => {
        let changed: string[] = ['not run'];
        const ms = await timed(async () => {
          ({ changed } = await expandAndDiff(clusters, previous, GO_SET));
        });
        verify(changed.length === 0, `${changed.length} applications that Go templates write otherwise`);
        return ms;
      },
      hash: () => timed(() => createHash('sha256').update(bytes).digest()),
      label: async () => {
        const relabelled = { ...labelled, labels: { ...labelled.labels, env: `${labelled.labels.env}x` } };
        let changed: string[] = [];
        const ms = await timed(async () => {
          changed = await followCluster(shares, digests, labelled, relabelled);
        });
        labelled = relabelled;
        verify(
          changed.length === APPS && changed.every((name) => name.endsWith(labelled.name)),
          `${changed.length} applications of one label`,
        );
        return ms;
      },
    });
    const moved = await expandAndDiff(
      clusters.map((cluster) => (cluster.name === labelled.name ? labelled : cluster)),
      [...digests].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, digest]) => ({ name, digest })),
    );
    verify(moved.changed.length === 0, `${moved.changed.length} digests of shares that a whole expansion has otherwise`);
    const megabytes = (bytes.length / 1e6).toFixed(0);
    const reference = `sha256 once over the same ${megabytes} MB`;
    const what = `${clusters.length} clusters x ${APPS}`;
    return [
      {
        key: `b1-full-${clusters.length}`,
        work: `expand ${what}, digest, diff`,
        oursMs: full,
        reference,
        referenceMs: hash,
        rounds,
        ambition: '<= 0.4 s, ratio <= 8',
        notes: [`${Math.round((count / full) * 1000)} applications/s`],
      },
      {
        key: `b1-go-${clusters.length}`,
        work: `expand ${what} by Go templates, digest, diff`,
        oursMs: go,
        reference,
        referenceMs: hash,
        rounds,
        ambition: '',
        notes: [`${Math.round((count / go) * 1000)} applications/s`],
      },
      {
        key: `b1-label-${clusters.length}`,
        work: `one label of one of ${clusters.length} clusters changes`,
        oursMs: label,
        reference,
        referenceMs: hash,
        rounds,
        ambition: '<= 2 ms',
        notes: ['the share of that cluster before and after, compared by digests'],
      },
    ];
  },
};
