import type { SecretGrant } from '@flotilla/contracts';
import { parseSelectorText } from '@flotilla/selector';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OrchestratorUnderTest } from '../testing/orchestrator-under-test.js';
import { applicationOf, configMap } from '../testing/test-documents.js';
import { grantLabels, labelValue } from './grant-labels.js';

const VALID = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

describe('the labels of a grant', () => {
  test('are those of the object that asks, and what tells grants apart; ours cannot be set by the object', () => {
    const taken = { team: 'shop', 'flotilla.dev/provider': 'mine', bad: 'no value!', number: 7 };
    const askers = { application: 'shop-eu', cluster: 'eu' };
    const store = { kind: 'ClusterSecretStore', name: 'vault', provider: 'vault' };
    expect(grantLabels({ project: 'web', askers, taken, store })).toEqual({
      team: 'shop',
      'flotilla.dev/project': 'web',
      'flotilla.dev/application': 'shop-eu',
      'flotilla.dev/cluster': 'eu',
      'flotilla.dev/store': 'vault',
      'flotilla.dev/store-kind': 'ClusterSecretStore',
      'flotilla.dev/provider': 'vault',
    });
  });

  test('are a bounded number, the same ones each time', () => {
    const entries = Array.from({ length: 200 }, (_, i) => [`key-${String(i).padStart(3, '0')}`, 'x'] as const);
    const labels = grantLabels({ project: 'p', askers: {}, taken: Object.fromEntries(entries) });
    expect(Object.keys(labels)).toHaveLength(65);
    expect(grantLabels({ project: 'p', askers: {}, taken: Object.fromEntries(entries.reverse()) })).toEqual(labels);
  });

  test('hold a name that is too long cut, with a digest that tells it from others', () => {
    const long = ['a', 'b'].map((end) => `${'x'.repeat(100)}.${end}`);
    const values = [...long, '_odd_', 'käse/brot', '***'].map(labelValue);
    for (const value of values) expect(value).toMatch(VALID);
    expect(new Set(values).size).toBe(values.length);
    expect(labelValue('prod-eu.1')).toBe('prod-eu.1');
  });
});

describe('a SecretGrant', () => {
  let hub: OrchestratorUnderTest;
  beforeEach(async () => {
    hub = await OrchestratorUnderTest.start();
    for (const name of ['one', 'two']) {
      await hub.cluster(name);
      await hub.setPhase(name, 'Connected', { facts: { apiVersions: ['v1', 'v1/Secret', 'apps/v1/Deployment'] } });
    }
  });
  afterEach(() => hub.stop());

  const external = (labels: object) => ({
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    metadata: { name: 'db', labels },
    spec: { secretStoreRef: { name: 'vault', kind: 'ClusterSecretStore' } },
  });
  const storeOf = (provider: object) => ({
    apiVersion: 'external-secrets.io/v1',
    kind: 'ClusterSecretStore',
    metadata: { name: 'vault' },
    spec: { provider },
  });
  async function release(objects: object[], clusters: string[], commit: string): Promise<void> {
    hub.content = () => objects;
    for (const cluster of clusters) await hub.apply(applicationOf(`app-${cluster}`, cluster));
    await hub.commit(commit);
    await hub.settle();
  }
  const found = async (selector: string) =>
    (await hub.store.list<SecretGrant>('SecretGrant', { labels: parseSelectorText(selector) })).items;
  const grants = async () => (await hub.store.list<SecretGrant>('SecretGrant')).items;
  const releases = async () => (await hub.store.list('Release')).items.length;
  const generations = () => ['one', 'two'].map((name) => hub.agents.get(name)!.position?.generation);

  test('is found by labels of its ExternalSecret, and by application and cluster until a second one shares it', async () => {
    await hub.apply(storeOf({ vault: {} }));
    await release([external({ team: 'shop' })], ['one'], 'c1');
    const [only] = await grants();
    expect(only!.metadata.labels).toEqual({
      team: 'shop',
      'flotilla.dev/project': 'default',
      'flotilla.dev/application': 'app-one',
      'flotilla.dev/cluster': 'one',
      'flotilla.dev/store': 'vault',
      'flotilla.dev/store-kind': 'ClusterSecretStore',
      'flotilla.dev/provider': 'vault',
    });
    await release([external({ team: 'shop' })], ['two'], 'c1');
    const [shared, ...others] = await grants();
    expect(others).toEqual([]);
    expect(Object.keys(shared!.metadata.labels!).sort()).toEqual([
      'flotilla.dev/project',
      'flotilla.dev/provider',
      'flotilla.dev/store',
      'flotilla.dev/store-kind',
      'team',
    ]);
  });

  test('of a relabelled ExternalSecret has its labels with the commit, and the former one keeps those its clusters run', async () => {
    await release([external({ team: 'shop' }), configMap('web', '1')], ['one'], 'c1');
    hub.content = () => [external({ team: 'pay' }), configMap('web', '1')];
    await hub.commit('c2');
    await hub.settle();
    const [pay, shop] = [await found('team=pay'), await found('team=shop')];
    expect([pay.length, shop.length]).toEqual([1, 1]);
    expect(pay[0]!.spec.target).toEqual(shop[0]!.spec.target);
  });

  test('without labels, as an earlier version made it, or whose store is another kind by now, gets them without a release', async () => {
    await release([external({ team: 'shop' })], ['one', 'two'], 'c1');
    const [grant] = await grants();
    await hub.apply({ ...grant!, metadata: { ...grant!.metadata, labels: {} } });
    await hub.apply(storeOf({ webhook: {} }));
    await hub.settle();
    const before = [await releases(), ...generations()];
    expect(await found('team=shop')).toEqual([]);
    await hub.uses.sweepHistory();
    hub.clock.advance(10 * 60_000);
    await hub.settle();
    expect(await found('team=shop,flotilla.dev/provider=webhook')).toHaveLength(1);
    expect([await releases(), ...generations()]).toEqual(before);
  });
});
