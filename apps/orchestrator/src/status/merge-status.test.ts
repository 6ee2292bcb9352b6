import { describe, expect, test } from 'vitest';
import { deployedEntry, mergeStatus } from './merge-status.js';
import type { Report, StatusInput } from './status.store.js';

const report = (rest: Partial<Report> = {}): Report => ({
  cluster: 'one',
  release: 'app-a1',
  bundle: 'b',
  sync: 'Synced',
  health: 'Healthy',
  observedAt: '2026-01-01T00:00:00Z',
  resources: [{ key: 'apps/Deployment/shop/web', version: 'v1', sync: 'Synced', health: 'Healthy' }],
  ...rest,
});

const input = (rest: Partial<StatusInput> = {}): StatusInput => ({
  uid: 'u',
  namespace: 'argocd',
  name: 'app',
  document: { spec: { project: 'default', source: { repoURL: 'https://git', path: 'p' }, destination: { name: 'one' } } },
  isDeleting: false,
  hubConditions: [],
  assignment: {
    cluster: 'one',
    release: 'argocd/app-a1',
    label: 'app-a1',
    content: { project: 'default', bundle: 'b', destinationNamespace: 'shop', revision: 'c1' },
    revisions: { 'https://git\nHEAD': 'c2' },
    assignedAt: 0,
  },
  cluster: { phase: 'Connected' },
  reports: [report()],
  removals: [],
  history: [],
  ...rest,
});

describe('the served status of an application', () => {
  test('is what its agent says of the assignment, at the newest commit that left it unchanged', () => {
    expect(mergeStatus(input())).toMatchObject({
      sync: { status: 'Synced', revision: 'c2' },
      health: { status: 'Healthy' },
      resources: [
        {
          group: 'apps',
          version: 'v1',
          kind: 'Deployment',
          namespace: 'shop',
          name: 'web',
          status: 'Synced',
          health: { status: 'Healthy' },
        },
      ],
    });
  });

  test('is never Healthy while the cluster is silent, and says since when and what was known', () => {
    const status = mergeStatus(input({ cluster: { phase: 'Unknown', since: '2026-02-01T00:00:00Z' } }));
    expect(status).toMatchObject({ sync: { status: 'Unknown' }, health: { status: 'Unknown' }, unknownSince: '2026-02-01T00:00:00Z' });
    expect(status.health?.message).toContain('last known: Healthy, Synced');
  });

  test('is OutOfSync while the report is on an earlier assignment, and Unknown without any', () => {
    expect(mergeStatus(input({ reports: [report({ release: 'app-a0' })] })).sync?.status).toBe('OutOfSync');
    expect(mergeStatus(input({ reports: [] }))).toMatchObject({ sync: { status: 'Unknown' }, health: { status: 'Unknown' } });
  });

  test('keeps health but not sync when the desired state cannot be known', () => {
    const hubConditions = [{ type: 'ComparisonError', message: 'values.yaml: no such file' }];
    expect(mergeStatus(input({ hubConditions }))).toMatchObject({
      sync: { status: 'Unknown' },
      health: { status: 'Healthy' },
      conditions: hubConditions,
    });
  });

  test('lists a bounded number of objects and says how many there are', () => {
    const resources = Array.from({ length: 1_200 }, (_, i) => ({ key: `/ConfigMap/n/c${i}`, version: 'v1', sync: 'Synced' as const }));
    const status = mergeStatus(input({ reports: [report({ resources })] }));
    expect(status.resources).toHaveLength(1_000);
    expect(status.conditions?.[0]?.message).toContain('1200 objects');
  });

  test('shows an operation as running until the agent has taken it', () => {
    const requested = { id: 'op', at: '2026-01-02T00:00:00Z', sync: {}, initiatedBy: { username: 'bob' } };
    expect(mergeStatus(input({ requested })).operationState).toMatchObject({
      phase: 'Running',
      operation: { initiatedBy: { username: 'bob' } },
    });
    const operation = { id: 'op', phase: 'Succeeded' as const, startedAt: '2026-01-02T00:00:01Z' };
    expect(mergeStatus(input({ requested, reports: [report({ operation })] })).operationState).toMatchObject({
      phase: 'Succeeded',
      syncResult: { revision: 'c2' },
    });
  });

  test('names removals that are not confirmed', () => {
    expect(mergeStatus(input({ removals: [{ cluster: 'old', mode: 'prune', message: 'finalizer' }] })).conditions).toEqual([
      { type: 'DeletionError', message: 'removal (prune) on cluster old is not confirmed yet: finalizer' },
    ]);
  });

  test('gets a history entry once per assignment, when that is reported in full', () => {
    const now = '2026-01-03T00:00:00Z';
    expect(deployedEntry(input(), now)).toMatchObject({ release: 'app-a1', entry: { revision: 'c2', deployedAt: now } });
    expect(deployedEntry(input({ history: [{ id: 0, release: 'app-a1', entry: {} }] }), now)).toBeUndefined();
    expect(deployedEntry(input({ reports: [report({ sync: 'OutOfSync' })] }), now)).toBeUndefined();
  });
});
