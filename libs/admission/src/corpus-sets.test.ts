import type { ApplicationSet, Cluster } from '@flotilla/contracts';
import { expandSet, type GeneratorPorts } from '@flotilla/generators';
import { describe, expect, test } from 'vitest';
import { admit, describeErrors, findSharedClusterNames } from './index.js';
import {
  answerOf,
  cleanFiles,
  clustersOf,
  expectRows,
  LABELLED,
  merge,
  oddities,
  PROD,
  type Row,
  readCorpus,
  wholeApplication,
} from './testing/corpus-answer.js';

const MANIFESTS = '002-my-app-manifests';

/** The rows of oddities.json for ApplicationSets; the test's name is the oddity's id. */
const ROWS: Record<string, Row[]> = {
  G01: ['000-cluster-addons', '000-hub-spoke-deployment', '000-fleet-platform-services'].map((name) => ({
    file: `applicationsets/${name}.yaml`,
    accepted: true,
    says: ['generators[0].cluster is not a generator; read as `clusters`'],
  })),
  G02: [
    {
      file: 'applicationsets/000-list-multi-environment-app.yaml',
      accepted: true,
      says: [/replicas is not text/, 'goTemplate: true'],
      names: ['dev-app', 'prod-app', 'staging-app'],
    },
    { file: 'applicationsets/000-merge-configuration.yaml', accepted: true, says: ['replicaCount, resources'] },
  ],
  G03: [
    {
      file: 'applicationsets/000-merge-configuration.yaml',
      accepted: true,
      names: ['app-dev', 'app-prod', 'app-staging'],
      says: ['`| default` needs spec.goTemplate: true and {{ .replicaCount | default "2" }}'],
    },
  ],
  G04: [
    {
      file: 'applicationsets/000-git-file-discovery.yaml',
      input: { repo: '000-app-registry' },
      accepted: false,
      says: [
        '{{environment}} and {{cluster.url}} are not produced by apps/frontend/app.json',
        'environments.0.name and environments.0.cluster.url',
        "list.elementsYaml: '{{ .environments | toJson }}'",
      ],
    },
  ],
  G05: [
    {
      file: 'applicationsets/001-backend-multi-env.yaml',
      accepted: true,
      says: [
        "automated is present, so backend-prod still syncs automatically; set automated.enabled: '{{autoSync}}' or drop automated with templatePatch",
      ],
      names: ['backend-dev', 'backend-prod', 'backend-staging'],
    },
  ],
  G06: [
    {
      file: 'applicationsets/002-list-my-app.yaml',
      accepted: true,
      says: [/element parameters (replicas, syncPolicy|syncPolicy, replicas) are not used by the template/],
    },
  ],
  G07: [
    {
      file: 'applicationsets/000-matrix-environments-clusters.yaml',
      input: { repo: '000-environments', clusters: PROD },
      accepted: true,
      says: ['matrix produced 0 combinations', 'no cluster has environment=prod (labels seen: production)'],
      names: [],
    },
  ],
  G08: [{ file: 'applicationsets/003-git-directory-apps.yaml', input: { repo: '003-config-repo' }, accepted: true, names: ['production'] }],
  G09: [
    {
      file: 'applicationsets/003-clusters-my-app-all-clusters.yaml',
      accepted: false,
      says: ['spec.template.spec.source.repoURL is required', 'argocd, the control-plane namespace, is assumed'],
    },
  ],
  G10: [
    {
      file: 'applicationsets/002-fragment-matrix-git-clusters.yaml',
      input: {
        repo: MANIFESTS,
        clusters: LABELLED,
        over: {
          apiVersion: 'argoproj.io/v1alpha1',
          kind: 'ApplicationSet',
          metadata: { name: 'm', namespace: 'argocd' },
          spec: { template: { metadata: { name: '{{name}}' }, spec: wholeApplication.spec } },
        },
      },
      accepted: true,
      says: [/k8s\/overlays\/dev, .*k8s\/overlays\/staging.* matched nothing/, 'k8s/overlays/production'],
      names: ['prod-us-east'],
    },
  ],
  G11: [
    '000-fragment-complex-cluster-selection',
    '002-fragment-matrix-git-clusters',
    '002-fragment-merge',
    '002-fragment-preserve-on-deletion',
  ].map((name) => ({
    file: `applicationsets/${name}.yaml`,
    accepted: false,
    says: ['apiVersion, kind and metadata.name are missing; this looks like part of an ApplicationSet'],
  })),
  G12: [
    {
      file: 'applicationsets/004-clusters-order-service.yaml',
      input: { clusters: ['clusters/000-prod-cluster-east.yaml'] },
      accepted: true,
      names: ['order-service-prod-east'],
    },
  ],
  G13: [
    {
      file: 'applicationsets/002-git-directory-my-app-envs.yaml',
      input: { repo: MANIFESTS },
      accepted: true,
      names: ['my-app-dev', 'my-app-prod', 'my-app-production', 'my-app-staging'],
    },
  ],
  G14: [
    {
      file: 'applicationsets/002-clusters-helm-values.yaml',
      input: { clusters: LABELLED },
      accepted: true,
      names: ['my-app-prod-us-east'],
    },
  ],
};

describe('the corpus oddity', () => {
  for (const [id, rows] of Object.entries(ROWS)) test(id, () => expectRows(rows));

  test('G08 with two directories is held back with the parameter that tells them apart', async () => {
    const set = admit(readCorpus('applicationsets/003-git-directory-apps.yaml')[0]).document as unknown as ApplicationSet;
    const two: GeneratorPorts = {
      clusters: async () => [],
      files: async () => [],
      directories: async () => ['apps/a/overlays/production', 'apps/b/overlays/production'],
    };
    expect((await expandSet(set, two)).held).toMatchObject([{ message: '2 Applications share the name `production`; use {{path[1]}}' }]);
  });

  test('G15: clusters of one name are told apart by server, and a destination may not name both', () => {
    const clusters = PROD.flatMap(clustersOf).map(({ name, server }, i): Cluster => {
      return { apiVersion: 'flotilla.dev/v1alpha1', kind: 'Cluster', metadata: { name: `c${i}` }, spec: { name, server } };
    });
    expect(findSharedClusterNames(clusters)).toEqual([expect.stringContaining('2 clusters are named prod-east')]);
    const byName = merge(wholeApplication, { spec: { destination: { name: 'prod-east' } } });
    expect(describeErrors(admit(byName, { clusters }).errors)).toContain('there are 2 clusters named prod-east');
  });

  test("rows of ApplicationSets are all covered; G16 is the expander's", () => {
    const wanted = oddities.map(({ id }) => id).filter((id) => id.startsWith('G'));
    expect(wanted.filter((id) => !(id in ROWS) && !['G15', 'G16'].includes(id))).toEqual([]);
  });

  test('free sets are accepted without an error', async () => {
    const files = cleanFiles().filter((file) => file.startsWith('applicationsets/'));
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) expect({ file, ...(await answerOf(file, { onlyAdmit: true })) }).toMatchObject({ file, accepted: true });
  });
});
