import { createHash } from 'node:crypto';
import type { ApplicationSet } from '@flotilla/contracts';
import { type ClusterEntry, type Expansion, expandSet, type GeneratorPorts } from '@flotilla/generators';
import { digestBytes } from '@flotilla/kernel';
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

/** Names whose digest is not the previous one, and all digests for the next time. */
async function expandAndDiff(clusters: readonly ClusterEntry[], previous: ReadonlyMap<string, string>) {
  const expansion = await expandSet(SET, portsOf(clusters));
  const digests = new Map<string, string>();
  const changed: string[] = [];
  for (const { name, digest } of expansion.applications) {
    digests.set(name, digest);
    if (previous.get(name) !== digest) changed.push(name);
  }
  for (const name of previous.keys()) if (!digests.has(name)) changed.push(name);
  return { expansion, digests, changed };
}

function checkExpansion({ applications, held }: Expansion, count: number): Buffer {
  verify(applications.length === count && held.length === 0, `${applications.length} of ${count} applications`);
  const texts = applications.map((application) => application.text());
  applications.forEach(({ digest, name }, i) => {
    if (i % SAMPLE_EVERY === 0) verify(digestBytes(texts[i]!) === digest, `digest of ${name}`);
  });
  return Buffer.from(texts.join(''));
}

export const EXPAND: Benchmark = {
  id: 'b1',
  title: 'expand clusters x directories, digest, and compare with the previous digests',
  async run({ quick }) {
    const clusters = makeClusters(quick ? 1_000 : 10_000);
    const count = clusters.length * APPS;
    const first = await expandAndDiff(clusters, new Map());
    const bytes = checkExpansion(first.expansion, count);
    const relabelled = clusters.map((cluster, i) => (i === 77 ? { ...cluster, labels: { ...cluster.labels, env: 'staging' } } : cluster));
    const rounds = 5;
    const { full, hash, label } = await interleave(rounds, {
      full: async () => {
        let changed: string[] = ['not run'];
        const ms = await timed(async () => {
          ({ changed } = await expandAndDiff(clusters, first.digests));
        });
        verify(changed.length === 0, `${changed.length} applications changed without a change`);
        return ms;
      },
      hash: () => timed(() => createHash('sha256').update(bytes).digest()),
      label: async () => {
        let changed: string[] = [];
        const ms = await timed(async () => {
          ({ changed } = await expandAndDiff(relabelled, first.digests));
        });
        verify(
          changed.length === APPS && changed.every((name) => name.endsWith(clusters[77]!.name)),
          `${changed.length} applications of one label`,
        );
        return ms;
      },
    });
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
        key: `b1-label-${clusters.length}`,
        work: `one label of one of ${clusters.length} clusters changes`,
        oursMs: label,
        reference,
        referenceMs: hash,
        rounds,
        ambition: '<= 2 ms',
        notes: ['a set is expanded whole for any change of its inputs; only the digests that differ are written'],
      },
    ];
  },
};
