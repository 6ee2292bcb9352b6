import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OrchestratorUnderTest } from '../testing/orchestrator-under-test.js';
import type { TestAgent } from '../testing/test-agent.js';
import { applicationOf } from '../testing/test-documents.js';

let hub: OrchestratorUnderTest;
let agent: TestAgent;
beforeEach(async () => {
  hub = await OrchestratorUnderTest.start();
  agent = await hub.cluster('one');
  for (const name of ['a', 'b']) await hub.apply(applicationOf(name, 'one'));
  await hub.commit('c1');
  await hub.settle();
});
afterEach(() => hub.stop());

const known = async () => (await hub.query('SELECT app_uid FROM orchestrator.app_status')).length;
const send = (content: object) =>
  hub.uses.status({ spoke: agent.spoke, content: { session: agent.session, gone: [], receipts: [], apps: [], ...content } as never });

describe('a stream of status', () => {
  test('that has a gap, or begins without a snapshot, is asked for one', async () => {
    expect(await send({ seq: 99 })).toMatchObject({ error: { code: 'snapshot' } });
    agent.session = 2;
    await hub.setPhase('one', 'Connected');
    expect(await send({ seq: 1 })).toMatchObject({ error: { code: 'snapshot' } });
  });

  test('forgets with a snapshot in parts what none of them names', async () => {
    const [a] = agent.body.apps.map((app) => agent.statusOf(app));
    expect(await send({ seq: 50, snapshot: 'start', apps: [{ ...a, resources: [] }] })).toEqual({ seq: 50 });
    expect(await known()).toBe(2);
    expect(await send({ seq: 51, snapshot: 'end' })).toEqual({ seq: 51 });
    expect(await known()).toBe(1);
    expect(await hub.query('SELECT key FROM orchestrator.app_resources')).toEqual([]);
  });

  test('forgets what is gone, rows of objects too', async () => {
    const [a, b] = agent.body.apps.map((app) => agent.statusOf(app));
    await send({ seq: 60, snapshot: 'whole', apps: [a, b] });
    await send({ seq: 61, gone: [a!.uid] });
    expect(await known()).toBe(1);
    await send({ seq: 62, apps: [{ ...b, resources: undefined, goneResources: [b!.resources![0]!.key] }] });
    expect(await hub.query('SELECT key FROM orchestrator.app_resources')).toEqual([]);
  });

  test('stores text PostgreSQL cannot hold without losing the batch', async () => {
    const [a] = agent.body.apps.map((app) => agent.statusOf(app));
    expect(await send({ seq: 70, snapshot: 'whole', apps: [{ ...a, message: 'nul \u0000 byte' }] })).toEqual({ seq: 70 });
  });

  test('a receipt for another mode than the removal has leaves the removal', async () => {
    const { uid } = agent.body.apps[0]!;
    await hub.store.transaction({ actor: 'test' }, (tx) =>
      tx.delete({ kind: 'Application', namespace: 'argocd', name: agent.body.apps[0]!.name }),
    );
    await hub.uses.application({ kind: 'Application', namespace: 'argocd', name: agent.body.apps[0]!.name });
    await send({ seq: 80, snapshot: 'whole', receipts: [{ kind: 'removal', uid, mode: 'prune', done: true }] });
    expect(await hub.query('SELECT mode FROM orchestrator.removals')).toEqual([{ mode: 'orphan' }]);
    await send({ seq: 81, receipts: [{ kind: 'removal', uid, mode: 'orphan', done: true }] });
    expect(await hub.query('SELECT mode FROM orchestrator.removals')).toEqual([]);
  });
});
