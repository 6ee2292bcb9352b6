import type { AppProject, ResourceDocument } from '@flotilla/contracts';
import { checkResource } from '@flotilla/policy';
import { describe, expect, test } from 'vitest';
import { admit, findDuplicates } from './index.js';
import {
  answerOf,
  cleanFiles,
  expectRows,
  merge,
  oddities,
  PROD,
  type Row,
  readCorpus,
  wholeApplication,
} from './testing/corpus-answer.js';

/** The rows of oddities.json for the other kinds of this version; the test's name is the oddity's id. */
const ROWS: Record<string, Row[]> = {
  C01: [
    ...[...PROD, ...['002-declarative-staging', '002-eks-production', '002-gke-production'].map((name) => `clusters/${name}.yaml`)].map(
      (file) => ({
        file,
        accepted: true,
        says: ['caData is not valid base64', 'credentials are not used', 'Unknown until an agent is bound'],
      }),
    ),
    { file: 'clusters/002-labelled-staging-prod.yaml', accepted: true, says: ['credentials are not used'] },
  ],
  A01: ['002-multi-environment', '002-value-substitution'].map((name) => ({
    file: `applications/${name}.yaml`,
    accepted: true,
    says: ['apiVersion argocd.io/v1alpha1 is not served; did you mean argoproj.io/v1alpha1'],
  })),
  A02: [
    {
      file: 'applications/002-multi-cluster-destinations.yaml',
      accepted: false,
      says: [
        'spec.destinations is not a field of Application; use spec.destination (one cluster) or an ApplicationSet with a list/clusters generator',
      ],
    },
  ],
  A03: [
    ...[
      '000-auto-sync-app',
      '000-manual-sync-app',
      '002-ignore-differences',
      '002-sync-window-override-annotation',
      '003-root-app-of-apps',
    ].map((name) => ({
      file: `applications/${name}.yaml`,
      accepted: false,
      says: ['spec.project, spec.source.repoURL, spec.destination are required'],
    })),
    {
      file: 'notifications/002-application-subscriptions.yaml',
      accepted: false,
      says: ['spec.project, spec.source.repoURL, spec.destination are required'],
    },
  ],
  A04: [
    {
      file: 'applications/000-fragment-self-heal-grace.yaml',
      input: { over: wholeApplication },
      accepted: true,
      says: [],
    },
  ],
  A07: [
    {
      file: 'applications/002-sync-window-override-annotation.yaml',
      input: { over: wholeApplication },
      accepted: true,
      says: ['does not override sync windows', 'manualSync: true'],
    },
  ],
  A08: [
    {
      file: 'applications/002-automated-promotion.yaml',
      accepted: false,
      says: ['spec.source.kustomize.images[0] holds an unresolved ${IMAGE_TAG}; write myapp=registry/myapp:tag'],
    },
  ],
  A09: [{ file: 'applications/003-root-app-of-apps.yaml', input: { over: wholeApplication }, accepted: true, silent: true }],
  A10: [{ file: 'applications/002-value-substitution.yaml', accepted: true }],
  A13: [
    ...['000-fragment-self-heal-grace', '000-fragment-safe-pruning', '003-fragment-manual-sync', '003-fragment-automated-sync'].map(
      (name) => ({
        file: `applications/${name}.yaml`,
        accepted: false,
        says: ['apiVersion, kind and metadata.name are missing; this looks like part of an Application (spec.syncPolicy)'],
      }),
    ),
    ...[
      '002-fragment-ignore-replicas',
      '000-fragment-selective-self-heal',
      '000-fragment-prune-protection',
      '003-fragment-image-updater-annotations',
    ].map((name) => ({
      file: `applications/${name}.yaml`,
      accepted: false,
      says: ['this looks like part of an Application'],
    })),
  ],
  P01: [
    {
      file: 'projects/002-production-sync-windows.yaml',
      accepted: true,
      says: ['stored and not yet in force', 'deny wins over allow', 'manualSync'],
    },
  ],
  P02: [
    {
      file: 'projects/002-team-payments-restrictive.yaml',
      accepted: true,
      says: ['NetworkPolicy is not in the core group; did you mean networking.k8s.io'],
    },
  ],
  P03: [{ file: 'projects/002-team-platform-sync-windows.yaml', accepted: true }],
  N01: [
    {
      file: 'notifications/002-fragment-default-triggers.yaml',
      input: { over: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'argocd-notifications-cm', namespace: 'argocd' } } },
      accepted: false,
      says: [
        'defaultTriggers.slack must be a list of triggers (got alerts-channel)',
        'subscriptions: [{recipients: [slack:alerts-channel]',
      ],
    },
  ],
  H04: [
    {
      file: 'notifications/002-fragment-default-triggers.yaml',
      accepted: false,
      says: ['defaultTriggers is a data key of ConfigMap argocd-notifications-cm'],
    },
  ],
  B01: [{ file: 'rbac/002-argocd-rbac-cm.yaml', accepted: true, silent: true }],
  B02: [{ file: 'rbac/002-org-admin-rbac-cm.yaml', accepted: true, silent: true }],
  K01: [{ file: 'hooks/000-sync-waves.yaml', accepted: false, says: ['Deployment in apps/v1 is not a kind this hub keeps'] }],
};

describe('the corpus oddity', () => {
  for (const [id, rows] of Object.entries(ROWS)) test(id, () => expectRows(rows));

  test('A04 A05 A06 A11 A12: fragments laid over a whole Application are accepted with their warning', () => {
    const patched = (spec: object, metadata = {}) => admit(merge(wholeApplication, { spec, metadata }));
    const [grace] = readCorpus('applications/000-fragment-self-heal-grace.yaml');
    const [options, heal] = readCorpus('applications/000-fragment-selective-self-heal.yaml') as [object, object];
    const [timeout] = [{ spec: { syncPolicy: { automated: { selfHeal: true }, healthCheckTimeout: 300, healthCheckMaxRetries: 5 } } }];
    const protection = readCorpus('applications/000-fragment-prune-protection.yaml');
    const [respect] = readCorpus('applications/003-fragment-respect-ignore-differences.yaml');
    expect(patched(grace as object).warnings).toEqual([expect.stringContaining('SelfHealGracePeriod is not in force')]);
    expect(admit(merge(merge(wholeApplication, options), heal)).warnings).toEqual([
      expect.stringContaining('SelfHeal=false is not in force'),
    ]);
    expect(admit(merge(wholeApplication, timeout)).warnings).toEqual([expect.stringContaining('progressDeadlineSeconds')]);
    const guarded = admit(protection.reduce((whole: unknown, part) => merge(whole, part), wholeApplication));
    expect(guarded.warnings).toEqual([expect.stringContaining('gives no protection')]);
    expect(patched(respect as object)).toMatchObject({ warnings: [], errors: [] });
  });

  test('P04 P05: what documents loaded together show', () => {
    const projects = ['002-team-payments-restrictive', '002-team-payments-roles'].flatMap((name) => readCorpus(`projects/${name}.yaml`));
    expect(findDuplicates(projects as ResourceDocument[])).toEqual([
      'AppProject argocd/team-payments is defined 2 times; the last one wins',
    ]);
    const orders = admit(readCorpus('projects/004-team-orders.yaml')[0]).document as unknown as AppProject;
    expect(checkResource(orders, { group: 'autoscaling', kind: 'HorizontalPodAutoscaler', namespaced: true })).toMatchObject({
      reason: expect.stringContaining('autoscaling/HorizontalPodAutoscaler is not permitted in project team-orders'),
    });
  });

  test('rows of these kinds are all covered', () => {
    const above = ['A05', 'A06', 'A11', 'A12', 'P04', 'P05'];
    const wanted = oddities.map(({ id }) => id).filter((id) => /^[CAP]\d/.test(id));
    expect(wanted.filter((id) => !(id in ROWS) && !above.includes(id))).toEqual([]);
  });

  test('free applications and projects are accepted without a word', async () => {
    const files = cleanFiles().filter((file) => /^(applications|projects)\//.test(file));
    expect(files.length).toBeGreaterThan(4);
    for (const file of files) expect({ file, ...(await answerOf(file)) }).toMatchObject({ file, accepted: true, said: '' });
  });
});
