import type { Condition, FleetRollout, ResourceDocument } from '@flotilla/contracts';
import { ManualClock } from '@flotilla/kernel';
import { again } from '@flotilla/reconcile';
import { FakeResourceStore } from '@flotilla/resources/testing';
import { beforeEach, expect, test } from 'vitest';
import { statusOf } from './set-status.js';
import type { StoredSet } from './stored-set.js';
import { TellRollout } from './tell-rollout.js';

const clock = new ManualClock();
const setKey = { kind: 'ApplicationSet', namespace: 'argocd', name: 'web' };
let store: FakeResourceStore;
let uid: string;
let teller: TellRollout;

type Phase = NonNullable<NonNullable<FleetRollout['status']>['phase']>;

/** Writes a run of the set in some phase, without telling of it. */
async function write(name: string, phase: Phase | undefined, status: object = {}, owner: object = {}, policy = 'guarded'): Promise<void> {
  await store.transaction({ actor: 'orchestrator' }, async (tx) => {
    const key = { kind: 'FleetRollout', namespace: 'argocd', name };
    const spec = { owner: { kind: 'ApplicationSet', namespace: 'argocd', name: 'web', uid, ...owner }, release: name, policy };
    const known = await tx.get(key);
    const base =
      known ??
      (await tx.create<ResourceDocument>({
        apiVersion: 'flotilla.dev/v1alpha1',
        kind: key.kind,
        metadata: { name, namespace: 'argocd' },
        spec,
      }));
    if (phase) await tx.updateStatus({ ...base, status: { phase, stage: 'canary', stageIndex: 0, ...status } });
  });
}
const tell = (name: string) => teller.run({ kind: 'FleetRollout', namespace: 'argocd', name });
async function run(...rollout: Parameters<typeof write>): Promise<void> {
  await write(...rollout);
  await tell(rollout[0]);
}
const set = async (): Promise<StoredSet> => (await store.get<StoredSet>(setKey))!;
async function progress(): Promise<Condition | undefined> {
  return ((await set()).status?.conditions as Condition[] | undefined)?.find(({ type }) => type === 'RolloutProgressing');
}

beforeEach(async () => {
  store = new FakeResourceStore({ clock });
  teller = new TellRollout(store, clock);
  const document = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name: 'web', namespace: 'argocd' },
    spec: { generators: [], template: {} },
  };
  uid = (await store.transaction({ actor: 'me' }, (tx) => tx.create<ResourceDocument>(document))).metadata.uid!;
});

test('a rollout shows in the set as the progressive sync of Argo CD, step by step', async () => {
  await run('web-r1', 'Progressing');
  expect(await progress()).toMatchObject({
    status: 'True',
    reason: 'ApplicationSetModified',
    message: 'ApplicationSet is performing rollout of step 1',
  });
  await run('web-r1', 'Progressing', { stage: 'all', stageIndex: 1 });
  expect((await progress())?.message).toBe('ApplicationSet is performing rollout of step 2');
  await run('web-r1', 'Completed', { stage: 'all', stageIndex: 1 });
  expect(await progress()).toMatchObject({
    status: 'False',
    reason: 'ApplicationSetRolloutComplete',
    message: 'ApplicationSet Rollout has completed',
  });
  expect((await set()).status?.rollout).toBe('web-r1');
});

test.each<[Phase, string]>([
  ['WaitingForApproval', 'stage all waits for approval'],
  ['Paused', '2 clusters failed'],
  ['Failed', 'rolled back nothing'],
  ['Aborted', 'by ada'],
  ['RolledBack', 'to web-r1'],
])('a run that is %s is not done, and the condition says why', async (phase, message) => {
  await run('web-r2', phase, { message });
  expect(await progress()).toMatchObject({
    status: 'True',
    reason: 'ApplicationSetModified',
    message: `ApplicationSet is performing rollout of step 1; FleetRollout web-r2 is ${phase} in stage canary: ${message}`,
  });
});

test('the newest run counts, in whatever order the news comes; one that was superseded says nothing', async () => {
  await write('web-r9', 'Superseded');
  clock.advance(5_000);
  await run('web-r10', 'Progressing');
  await tell('web-r9');
  expect((await progress())?.status).toBe('True');
  await run('web-r10', 'Completed');
  await tell('web-r9');
  expect((await progress())?.status).toBe('False');
  await run('web-r10', 'Superseded');
  expect(await progress()).toBeUndefined();
  await tell('web-r9');
  expect((await set()).status?.rollout).toBe('web-r10');
});

test('its time moves with its status alone, and what changes no word of it writes nothing', async () => {
  await run('web-r1', 'Progressing');
  const { lastTransitionTime } = (await progress())!;
  const { resourceVersion } = (await set()).metadata;
  clock.advance(60_000);
  await run('web-r1', 'Progressing', { stages: [{ name: 'canary', healthy: 1 }] });
  expect((await set()).metadata.resourceVersion).toBe(resourceVersion);
  await run('web-r1', 'Paused', { message: 'm' });
  expect((await progress())?.lastTransitionTime).toBe(lastTransitionTime);
  await run('web-r1', 'Completed');
  expect((await progress())?.lastTransitionTime).not.toBe(lastTransitionTime);
});

test('runs of applications, of a set of that name before, and runs without a word yet change nothing', async () => {
  await run('web-a1', 'Progressing', {}, { kind: 'Application' });
  await run('web-r1', 'Progressing', {}, { uid: 'another' });
  await run('web-r2', undefined);
  await tell('gone');
  expect((await set()).status).toBeUndefined();
});

test('a run of a RollingSync strategy tells of each application, news of a second at once', async () => {
  const step = (status: string) => ({
    application: 'web-eu',
    step: '1',
    status,
    message: 'm',
    lastTransitionTime: '2026-01-01T00:00:00Z',
    targetRevisions: ['c1'],
  });
  const told = async () => (await set()).status?.applicationStatus?.map(({ status }) => status);
  await write('web-r1', 'Progressing', { applications: [step('Waiting')] }, {}, 'RollingSync');
  await tell('web-r1');
  expect(await told()).toEqual(['Waiting']);
  clock.advance(300);
  await write('web-r1', 'Progressing', { applications: [step('Pending')] });
  expect(await tell('web-r1')).toEqual(again(700));
  expect(await told()).toEqual(['Waiting']);
  await write('web-r1', 'Progressing', { applications: [step('Progressing')] });
  clock.advance(700);
  await tell('web-r1');
  expect(await told()).toEqual(['Progressing']);
  await write('web-r1', 'Completed', { applications: [step('Healthy')] });
  await tell('web-r1');
  expect(await told(), 'the condition moved, which does not wait').toEqual(['Healthy']);
  await write('web-r1', 'Superseded');
  await tell('web-r1');
  expect(await told()).toEqual(['Healthy']);
  const outcome = { refused: [], warnings: [], hold: [] };
  expect(statusOf(await set(), outcome, 1, clock.now()), 'the set has no such strategy any more').not.toHaveProperty('applicationStatus');
  await run('web-r2', 'Progressing');
  expect(await told()).toBeUndefined();
});

test('a reconcile of the set leaves it as it is, until the set wants no rollouts', async () => {
  await run('web-r1', 'Progressing');
  const known = await set();
  const outcome = { refused: [], warnings: ['w'], hold: [] };
  const reconciled = statusOf(known, outcome, 3, clock.now());
  expect(reconciled).toMatchObject({ applications: 3, resourcesCount: 3, rollout: 'web-r1' });
  expect(reconciled.conditions?.map(({ type }) => type)).toEqual([
    'ErrorOccurred',
    'ParametersGenerated',
    'ResourcesUpToDate',
    'Warning',
    'RolloutProgressing',
  ]);
  const without = { ...known, metadata: { ...known.metadata, annotations: { 'flotilla.dev/rollout-policy': 'none' } } };
  expect(statusOf(without, outcome, 3, clock.now())).not.toHaveProperty('rollout');
  expect(JSON.stringify(statusOf(without, outcome, 3, clock.now()))).not.toContain('RolloutProgressing');
});
