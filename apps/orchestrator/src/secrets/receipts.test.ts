import type { SecretReceipt } from '@flotilla/contracts';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OrchestratorUnderTest } from '../testing/orchestrator-under-test.js';
import type { TestAgent } from '../testing/test-agent.js';
import { applicationOf, configMap } from '../testing/test-documents.js';

let hub: OrchestratorUnderTest;
let agent: TestAgent;
const external = { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata: { name: 'db' }, spec: {} };

beforeEach(async () => {
  hub = await OrchestratorUnderTest.start();
  agent = await hub.cluster('one', {}, { secrets: 'broker' });
  hub.content = (_name, commit) => [external, configMap('web', commit)];
  await hub.apply(applicationOf('app', 'one'));
  await hub.commit('c1');
  await hub.settle();
});
afterEach(() => hub.stop());

const ask = (content: object) => hub.uses.grants({ spoke: agent.spoke, session: agent.session, grants: [], ...content });
const grantId = () => agent.body.grants[0]!.id;
const receipt = (rest: Partial<SecretReceipt> = {}): SecretReceipt => ({
  grant: grantId(),
  done: true,
  observedAt: '2026-01-01T00:00:00Z',
  ...rest,
});
const receipts = async (of = {}) => (await hub.uses.receipts(of)).receipts;

describe('the broker is told', () => {
  test('who a spoke is and which of its grants the stored document holds, and of no others', async () => {
    const answer = await ask({ grants: [grantId(), 'f'.repeat(24)] });
    expect(answer).toEqual({
      fleet: 'test',
      cluster: 'one',
      sealingKey: hub.sealingKey,
      grants: [{ ...agent.body.grants[0]!, namespace: 'argocd' }],
    });
    const other = await hub.cluster('two');
    await hub.settle();
    expect(await hub.uses.grants({ spoke: other.spoke, session: 1, grants: [grantId()] })).toMatchObject({ cluster: 'two', grants: [] });
  });

  test('about many spokes at once, where one that cannot be answered about takes nothing from the others', async () => {
    const broken = await hub.cluster('two', {}, { secrets: 'broker' });
    await hub.apply(applicationOf('other', 'two'));
    await hub.settle();
    await hub.query("UPDATE orchestrator.documents SET body = 'x', generation = generation + 1 WHERE cluster = 'two'");
    const one = { spoke: agent.spoke, session: agent.session, grants: [grantId()] };
    const asks = [one, { spoke: broken.spoke, session: broken.session, grants: ['g'] }, { spoke: 'nonsense', session: 1, grants: [] }];
    const { answers } = await hub.uses.grantsOfMany({ asks });
    expect(answers).toMatchObject([
      { cluster: 'one', grants: [{ id: grantId() }] },
      { error: { code: 'unavailable' } },
      { error: { code: 'unknown-spoke' } },
    ]);
    expect(answers[0]).toEqual(await hub.uses.grants(one));
  });

  test('why a spoke gets nothing: unknown, superseded, revoked, or without a key to seal to', async () => {
    expect(await ask({ spoke: `s_${'x'.repeat(26)}` })).toMatchObject({ error: { code: 'unknown-spoke' } });
    expect(await ask({ spoke: 'nonsense' })).toMatchObject({ error: { code: 'unknown-spoke' } });
    agent.session = 2;
    await hub.setPhase('one', 'Connected');
    await hub.settle();
    expect(await ask({ session: 1, grants: [grantId()] })).toMatchObject({ error: { code: 'superseded' } });
    await hub.setPhase('one', 'Revoked');
    await hub.settle();
    expect(await ask({ grants: [grantId()] })).toMatchObject({ error: { code: 'revoked' } });
    hub.sealingKey = undefined as never;
    await hub.setPhase('one', 'Connected');
    await hub.settle();
    expect(await ask({ grants: [grantId()] })).toMatchObject({
      error: { code: 'unavailable', message: expect.stringContaining('sealing key') },
    });
  });
});

describe('receipts', () => {
  test('say which cluster runs which version, also of clusters that have said nothing', async () => {
    const source = agent.body.grants[0]!.source;
    const row = { cluster: 'one', application: 'argocd/app', source, grant: grantId() };
    expect(await receipts()).toEqual([{ ...row, done: false, message: 'the cluster has not reported on it yet' }]);
    await agent.report(hub.uses, { secrets: [receipt({ version: 'a'.repeat(64), done: false, message: 'the hub has no value' })] });
    expect(await receipts({ namespace: 'argocd', source })).toEqual([
      { ...row, version: 'a'.repeat(64), done: false, message: 'the hub has no value', observedAt: '2026-01-01T00:00:00Z' },
    ]);
    await agent.report(hub.uses, { secrets: [receipt({ version: 'b'.repeat(64) })] });
    expect(await receipts({ source })).toMatchObject([{ version: 'b'.repeat(64), done: true }]);
    expect(await receipts({ source: 'other' })).toEqual([]);
    await hub.query('UPDATE orchestrator.secret_sources SET version = $1', ['c'.repeat(64)]);
    expect(await receipts({ source })).toMatchObject([{ version: 'b'.repeat(64), done: false, message: 'another version is on its way' }]);
  });

  test('of grants the document does not hold are dropped, and those of applications and clusters that went go along', async () => {
    await agent.report(hub.uses, { secrets: [receipt(), receipt({ grant: 'f'.repeat(24) })] });
    expect(await hub.query('SELECT grant_id FROM orchestrator.secret_receipts')).toEqual([{ grant_id: grantId() }]);
    hub.content = (_name, commit) => [configMap('web', commit)];
    await hub.commit('c2');
    await hub.settle();
    expect(await receipts()).toEqual([]);
    expect(await hub.query('SELECT 1 FROM orchestrator.secret_receipts')).toEqual([]);
    hub.content = () => [external];
    await hub.commit('c3');
    await hub.settle();
    await agent.report(hub.uses, { secrets: [receipt()] });
    await hub.store.transaction({ actor: 'test' }, (tx) => tx.delete({ kind: 'Cluster', namespace: '', name: 'one' }));
    await hub.uses.cluster({ kind: 'Cluster', namespace: '', name: 'one' });
    expect(await receipts()).toEqual([]);
    expect(await hub.query('SELECT 1 FROM orchestrator.secret_receipts')).toEqual([]);
  });

  test('a reference is shown as an object that changes, and its blob is sent to no spoke', async () => {
    const { uid, bundle } = agent.body.apps[0]!;
    const [blob] = await hub.blobs.get([bundle as never]);
    const [reference] = JSON.parse(Buffer.from(blob!.bytes).toString()).references;
    const wants = [{ digest: reference.digest, offset: 0 }];
    const asked = hub.uses.blobs({ spoke: agent.spoke, content: { session: agent.session, app: uid, bundle, wants } });
    await expect(asked).rejects.toMatchObject({ code: 'invalid' });
    hub.content = (_name, commit) => [
      { ...external, spec: { refreshInterval: '1m' } },
      configMap('web', 'c1'),
      configMap(`new-${commit}`, '1'),
    ];
    const plan = await hub.uses.plan({ kind: 'Application', namespace: 'argocd', name: 'app', revision: 'c2' });
    expect(plan.changes[0]?.objects).toContainEqual({ action: 'change', key: 'external-secrets.io/ExternalSecret//db' });
  });
});
