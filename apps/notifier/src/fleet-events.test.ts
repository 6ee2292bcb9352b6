import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NotifierUnderTest, subscribe } from './testing/notifier-under-test.js';

let test: NotifierUnderTest;
beforeEach(async () => {
  test = await NotifierUnderTest.start();
  await test.keep({ 'slack-token': 'x' });
  await test.configure({});
});
afterEach(() => test.stop());

const ROLLOUT = ['started', 'stage-done', 'waiting-approval', 'failed', 'rolled-back'];
const CLUSTER = ['on-cluster-unknown', 'on-cluster-back'];
const stage = (name: string, phase: string, failed = 0) => ({ name, phase, total: 2, healthy: 2 - failed, updating: 0, failed, parked: 0 });

async function createSet(): Promise<void> {
  await test.put({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: {
      name: 'shop',
      namespace: 'argocd',
      annotations: Object.assign({}, ...ROLLOUT.map((name) => subscribe(`on-rollout-${name}`))),
    },
    spec: { generators: [], template: { metadata: {}, spec: { project: 'default' } } },
  });
}

const rollout = (status: Record<string, unknown>) =>
  test.put({
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'FleetRollout',
    metadata: { name: 'shop-1', namespace: 'argocd' },
    spec: { owner: { kind: 'ApplicationSet', namespace: 'argocd', name: 'shop', uid: 'u' }, release: 'shop-1', policy: 'guarded' },
    status,
  });

const cluster = (status: Record<string, unknown>) =>
  test.put({
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'Cluster',
    metadata: { name: 'prod', annotations: Object.assign({}, ...CLUSTER.map((name) => subscribe(name))) },
    spec: {},
    status,
  });

describe('a rollout', () => {
  it('tells its phases in one group, each once, in order', async () => {
    const notifier = test.open();
    await notifier.idle();
    await createSet();
    await rollout({ phase: 'Pending', stage: 'canary', stages: [stage('canary', 'Pending'), stage('all', 'Pending')] });
    await rollout({ phase: 'Progressing', stage: 'canary', stages: [stage('canary', 'Progressing'), stage('all', 'Pending')] });
    await rollout({ phase: 'Soaking', stage: 'canary', stages: [stage('canary', 'Soaking'), stage('all', 'Pending')] });
    await rollout({ phase: 'WaitingForApproval', stage: 'all', stages: [stage('canary', 'Done'), stage('all', 'WaitingForApproval')] });
    await rollout({ phase: 'Progressing', stage: 'all', stages: [stage('canary', 'Done'), stage('all', 'Progressing', 1)] });
    const failure = 'stage all: 1 failed (0 allowed)';
    await rollout({ phase: 'Paused', stage: 'all', failure, stages: [stage('canary', 'Done'), stage('all', 'Paused', 1)] });
    await rollout({ phase: 'RollingBack', stage: 'all', failure, stages: [stage('canary', 'Done'), stage('all', 'RollingBack')] });
    await rollout({ phase: 'RolledBack', stage: 'all', failure, stages: [stage('canary', 'Done'), stage('all', 'RolledBack')] });
    await notifier.idle();
    expect(test.slack.sent.map(({ message }) => message.title)).toEqual([
      'Rollout shop-1 of shop has begun with stage canary.',
      'Rollout shop-1 of shop: stage canary is done (2 of 2 clusters healthy).',
      'Rollout shop-1 of shop waits for approval of stage all.',
      'Rollout shop-1 of shop does not go on: stage all: 1 failed (0 allowed)',
      'Rollout shop-1 of shop was rolled back.',
    ]);
    expect(test.slack.sent[2]?.message.body).toContain('flotilla rollout approve shop-1');
    const groups = new Set(test.slack.sent.map(({ message }) => message.groupKey));
    expect([...groups]).toEqual([expect.stringMatching(/^rollout:/)]);
    const [first, second, third] = test.slack.sent.map(({ context }) => context);
    expect(first?.thread).toBeUndefined();
    expect(second?.thread).toEqual({ providerId: 'id-1', threadId: 'thread-1' });
    expect(third).toMatchObject({ thread: { providerId: 'id-1' }, update: { providerId: 'id-2' } });
  });
});

describe('a rollout that is rolled back before anybody looks', () => {
  it('is told to have failed when its failures were the reason, and only to be rolled back when a person was', async () => {
    const notifier = test.open();
    await notifier.idle();
    await createSet();
    await rollout({ phase: 'Progressing', stage: 'all', stages: [stage('all', 'Progressing')] });
    await notifier.idle();
    await rollout({ phase: 'RolledBack', stage: 'all', failure: 'stage all: 1 failed (0 allowed)', stages: [stage('all', 'RolledBack')] });
    await notifier.idle();
    const titles = () => test.slack.sent.map(({ message }) => message.title.replace('Rollout shop-1 of shop ', '')).slice(1);
    expect(titles()).toEqual(['does not go on: stage all: 1 failed (0 allowed)', 'was rolled back.']);
    await rollout({ phase: 'Completed', stage: 'all', stages: [stage('all', 'Done')] });
    await rollout({ phase: 'RolledBack', stage: 'all', stages: [stage('all', 'RolledBack')] });
    await notifier.idle();
    expect(titles().slice(-1)).toEqual(['was rolled back.']);
    expect(titles().filter((title) => title.startsWith('does not go on'))).toHaveLength(1);
  });
});

describe('a cluster', () => {
  it('is told to be lost and back, and not when it was never heard of', async () => {
    const notifier = test.open();
    await notifier.idle();
    const lastSeenAt = '2026-06-01T11:00:00Z';
    await cluster({ phase: 'Unknown' });
    await cluster({ phase: 'Connected', lastSeenAt });
    await notifier.idle();
    expect(test.slack.sent).toEqual([]);
    for (let i = 0; i < 2; i++) {
      await cluster({ phase: 'Unknown', lastSeenAt, since: '2026-06-01T11:01:00Z' });
      await cluster({ phase: 'Connected', lastSeenAt, since: '2026-06-01T11:02:00Z' });
      await cluster({ phase: 'Connected', lastSeenAt, since: '2026-06-01T11:02:00Z', agentVersion: '2' });
    }
    await notifier.idle();
    const lost = 'Cluster prod is Unknown since 2026-06-01T11:01:00Z; it was last heard of at 2026-06-01T11:00:00Z.';
    const back = 'Cluster prod is connected again since 2026-06-01T11:02:00Z.';
    expect(test.slack.sent.map(({ message }) => message.title)).toEqual([lost, back, lost, back]);
  });
});
