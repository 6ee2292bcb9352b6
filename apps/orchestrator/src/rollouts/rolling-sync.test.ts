import type { ApplicationStepStatus, SetStrategy } from '@flotilla/contracts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { OrchestratorUnderTest } from '../testing/orchestrator-under-test.js';
import { applicationOf, configMap } from '../testing/test-documents.js';

let hub: OrchestratorUnderTest;
beforeEach(async () => {
  hub = await OrchestratorUnderTest.start();
  await hub.cluster('one');
  await hub.cluster('two');
});
afterEach(() => hub.stop());

type Steps = NonNullable<NonNullable<SetStrategy['rollingSync']>['steps']>;
const of = (env: string, maxUpdate?: number | string): Steps[number] => ({
  matchExpressions: [{ key: 'env', operator: 'In', values: [env] }],
  ...(maxUpdate === undefined ? {} : { maxUpdate }),
});

/** Set `web`; an application `ENV-N@CLUSTER` has label env=ENV. Not all applications of a cluster belong to one step. */
async function applyRolling(
  steps: Steps,
  places: readonly string[],
  annotations: Record<string, string> = {},
  automated: object = { prune: true, selfHeal: true },
): Promise<void> {
  const set = await hub.apply({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name: 'web', namespace: 'argocd', annotations },
    spec: { generators: [], template: {}, strategy: { type: 'RollingSync', rollingSync: { steps } } },
  });
  const ownerReferences = [
    { apiVersion: 'argoproj.io/v1alpha1', kind: 'ApplicationSet', name: 'web', uid: set.metadata.uid!, controller: true },
  ];
  for (const place of places) {
    const [name = '', cluster = ''] = place.split('@');
    const labels = { env: name.slice(0, name.indexOf('-')) };
    const spec = { syncPolicy: { automated } };
    await hub.apply(applicationOf(name, cluster, { metadata: { ownerReferences, labels }, spec }));
  }
}

const PLACES = ['dev-1@one', 'dev-2@one', 'prod-1@two', 'prod-2@two', 'prod-3@one', 'other-1@one'];

async function release(commit: string): Promise<void> {
  await hub.commit(commit);
  await hub.settle();
}

/** The commit each application has on its cluster. */
function live(): Record<string, string> {
  const apps = [...hub.agents.values()].flatMap(({ body }) => body.apps);
  return Object.fromEntries(apps.map(({ name, revision }) => [name, revision ?? '']).sort());
}

function ail(isAiling: (name: string, commit: string) => boolean): void {
  for (const agent of hub.agents.values()) {
    agent.outcome = ({ name, revision = '' }) => (isAiling(name, revision) ? { health: 'Degraded', message: 'image never ready' } : {});
  }
}

const applications = async (rollout: string): Promise<Record<string, ApplicationStepStatus>> =>
  Object.fromEntries(((await hub.rollout(rollout)).status?.applications ?? []).map((status) => [status.application, status]));

test('a RollingSync set updates step by step by the labels of its applications, whatever clusters they share', async () => {
  await applyRolling([of('dev'), of('prod', '50%')], PLACES);
  ail((name) => name === 'dev-2');
  await release('c1');
  expect(live()).toEqual({ 'dev-1': 'c1', 'dev-2': 'c1' });
  expect(await applications('web-r1')).toMatchObject({
    'dev-1': { step: '1', status: 'Healthy', targetRevisions: ['c1'] },
    'dev-2': { step: '1', status: 'Progressing', message: expect.stringContaining('image never ready') },
    'other-1': { step: '-1', status: 'Waiting', message: expect.stringContaining('no step') },
    'prod-1': { step: '2', status: 'Waiting' },
  });
  ail((name) => name === 'prod-1');
  await hub.settle();
  expect(live(), 'half of three is one, and it is not healthy').toEqual({ 'dev-1': 'c1', 'dev-2': 'c1', 'prod-1': 'c1' });
  expect((await hub.rollout('web-r1')).status).toMatchObject({ phase: 'Progressing', stage: 'step-2' });
  ail(() => false);
  await hub.settle();
  const { spec, status } = await hub.rollout('web-r1');
  expect(live()).toEqual({ 'dev-1': 'c1', 'dev-2': 'c1', 'prod-1': 'c1', 'prod-2': 'c1', 'prod-3': 'c1' });
  expect([spec.policy, status?.phase]).toEqual(['RollingSync', 'Completed']);
  expect(status?.conditions?.[0]?.message).toBe('no stage of policy RollingSync selects other-1; they keep what they have');
  const { targets, ledger } = await hub.uses.rollout({ namespace: 'argocd', name: 'web-r1' });
  expect(targets.map(({ cluster, application, stage }) => `${stage} ${application} ${cluster}`)).toEqual([
    'step-1 dev-1 one',
    'step-1 dev-2 one',
    'step-2 prod-1 two',
    'step-2 prod-2 two',
    'step-2 prod-3 one',
  ]);
  expect(ledger.some(({ to }) => to === 'failed')).toBe(false);
  const [app] = hub.agents.get('two')!.body.apps;
  expect(app, 'the run alone makes the agent apply').toMatchObject({ apply: true, syncPolicy: { automated: { prune: true } } });
  expect(app?.syncPolicy?.automated).not.toHaveProperty('selfHeal');
});

test('an application that fails holds the next step and not the others of its own; a newer commit begins with the first step', async () => {
  await applyRolling([of('dev', 1), of('qa'), of('prod')], ['dev-1@one', 'dev-2@one', 'qa-1@two', 'qa-2@one', 'prod-1@one']);
  await release('c1');
  expect(Object.values(live())).toEqual(['c1', 'c1', 'c1', 'c1', 'c1']);
  ail((name, commit) => name === 'qa-1' && commit === 'bad');
  await release('bad');
  expect(live()).toEqual({ 'dev-1': 'bad', 'dev-2': 'bad', 'prod-1': 'c1', 'qa-1': 'bad', 'qa-2': 'bad' });
  hub.clock.advance(3_600_000);
  await hub.settle();
  expect((await hub.rollout('web-r2')).status, 'nothing times out').toMatchObject({ phase: 'Progressing', stage: 'step-2' });
  await release('c3');
  expect((await hub.rollout('web-r2')).status?.phase).toBe('Superseded');
  expect((await hub.rollout('web-r3')).status?.phase).toBe('Completed');
  expect(Object.values(live())).toEqual(['c3', 'c3', 'c3', 'c3', 'c3']);
});

test('a step is not over while an application of it that has nothing to do is not healthy', async () => {
  hub.content = (name, commit) => [configMap(name, name === 'dev-1' ? 'same' : commit)];
  await applyRolling([of('dev'), of('prod')], ['dev-1@one', 'dev-2@one', 'prod-1@two']);
  await release('c1');
  ail((name) => name === 'dev-1');
  await hub.settle();
  await release('c2');
  expect(live()).toMatchObject({ 'dev-2': 'c2', 'prod-1': 'c1' });
  expect((await hub.rollout('web-r2')).status?.message).toBe('stage step-1 waits until healthy: dev-1');
  ail(() => false);
  await hub.settle();
  hub.clock.advance(10_000);
  await hub.settle();
  expect(live()).toMatchObject({ 'dev-2': 'c2', 'prod-1': 'c2' });
});

test('maxUpdate 0 blocks its step until it is raised; an empty step is passed', async () => {
  const places = ['dev-1@one', 'prod-1@one'];
  await applyRolling([of('qa', 0), of('dev', '0%'), of('prod')], places);
  await release('c1');
  expect(live()).toEqual({});
  expect((await hub.rollout('web-r1')).status).toMatchObject({
    stage: 'step-2',
    message: expect.stringContaining('maxUpdate 0 blocks it'),
  });
  await applyRolling([of('qa', 0), of('dev', '10%'), of('prod')], places);
  await hub.settle();
  expect((await hub.rollout('web-r1')).status).toMatchObject({ phase: 'Superseded', message: expect.stringContaining('are others now') });
  expect((await hub.rollout('web-r1-2')).status?.phase).toBe('Completed');
  expect(live()).toEqual({ 'dev-1': 'c1', 'prod-1': 'c1' });
});

test('an application that joins, or that a label puts into a step, gets the release; one in no step keeps what it has', async () => {
  await applyRolling([of('dev'), of('prod')], ['dev-1@one', 'other-1@one']);
  await release('c1');
  await applyRolling([of('dev'), of('prod')], ['prod-9@one']);
  await hub.settle();
  expect(live()).toEqual({ 'dev-1': 'c1', 'prod-9': 'c1' });
  const other = (await hub.store.get({ kind: 'Application', namespace: 'argocd', name: 'other-1' }))!;
  await hub.apply({ ...other, metadata: { ...other.metadata, labels: { env: 'dev' } } });
  await hub.settle();
  expect(live()).toMatchObject({ 'other-1': 'c1' });
  expect(await hub.rollout('web-r2')).toBeUndefined();
});

test('a set that gets a strategy tells of its applications though nothing changes, and without one sends everything at once again', async () => {
  await applyRolling([], PLACES, {}, {});
  await release('c1');
  expect(Object.values(live())).toEqual(PLACES.map(() => 'c1'));
  const generations = () => [...hub.agents.values()].map(({ position }) => position?.generation);
  const before = generations();
  await applyRolling([of('dev'), of('prod')], [], {}, {});
  await hub.settle();
  const told = await applications('web-r1');
  expect(Object.values(told).map(({ step, status }) => `${step} ${status}`)).toEqual([
    '1 Healthy',
    '1 Healthy',
    '-1 Waiting',
    '2 Healthy',
    '2 Healthy',
    '2 Healthy',
  ]);
  expect(generations()).toEqual(before);
  await release('c2');
  expect(live()).toMatchObject({ 'dev-1': 'c2', 'prod-3': 'c2', 'other-1': 'c1' });
  await applyRolling([], [], {}, {});
  await hub.settle();
  expect(Object.values(live())).toEqual(PLACES.map(() => 'c2'));
});

test('a policy that the annotation names wins, with a warning; a strategy that cannot be read releases nothing', async () => {
  const guarded = { 'flotilla.dev/rollout-policy': 'guarded' };
  await applyRolling([of('dev')], ['dev-1@one', 'prod-1@two'], guarded);
  await release('c1');
  const { spec, status } = await hub.rollout('web-r1');
  expect([spec.policy, live()]).toEqual(['guarded', { 'dev-1': 'c1', 'prod-1': 'c1' }]);
  expect(status?.conditions?.[0]?.message).toContain('rollout-policy: guarded wins over it');
  await applyRolling([{ matchExpressions: [{ key: 'env', operator: 'Exists' }] }], []);
  await release('c2');
  expect(live()).toEqual({ 'dev-1': 'c1', 'prod-1': 'c1' });
  expect((await hub.application('argocd', 'dev-1'))?.status?.conditions?.[0]?.message).toContain('"Exists" is not one of In, NotIn');
});
