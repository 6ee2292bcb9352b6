import { UnavailableError } from '@flotilla/kernel';
import { waitFor } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { beat, hello, LEASE_MS, RegistryUnderTest } from '../testing/registry-under-test.js';

let registry: RegistryUnderTest;

beforeAll(async () => {
  registry = await RegistryUnderTest.start();
});
afterAll(() => registry?.stop());

const phase = (name: string, wanted: string) =>
  waitFor(`cluster ${name} to be ${wanted}`, async () => (await registry.cluster(name))?.status?.phase === wanted, 8_000);

describe('a session', () => {
  it('numbers sessions upwards, tells interval and lease, and writes the facts', async () => {
    const spoke = await registry.dial(await registry.addCluster('numbers'));
    const first = await hello(spoke);
    const second = await hello(spoke);
    expect(second.session).toBeGreaterThan(first.session);
    expect(second).toMatchObject({ fleet: 'test', cluster: 'numbers', beatIntervalMs: LEASE_MS / 3, leaseMs: LEASE_MS });
    expect((await registry.cluster('numbers'))?.status).toMatchObject({
      session: second.session,
      kubernetesVersion: 'v1.36.3',
      clusterUid: 'uid',
    });
    await spoke.close();
  });

  it('is not ended by a hello that its agent gave up before', async () => {
    const spoke = await registry.dial(await registry.addCluster('overtaken'));
    const { session } = await hello(spoke, 'i1', 'uid', { attempt: 2 });
    expect(await hello(spoke, 'i1', 'uid', { attempt: 1 })).toMatchObject({ error: { code: 'unavailable' } });
    expect((await registry.cluster('overtaken'))?.status?.session).toBe(session);
    expect((await hello(spoke, 'i1', 'uid', { attempt: 3 })).session).toBeGreaterThan(session);
    expect((await hello(spoke, 'i2', 'uid', { attempt: 1 })).session).toBeGreaterThan(session + 1);
    await spoke.close();
  });

  it('keeps which kinds live outside namespaces, as a whole or not at all', async () => {
    const spoke = await registry.dial(await registry.addCluster('kinds'));
    const kept = async () => (await registry.cluster('kinds'))?.status?.clusterKinds;
    await hello(spoke, 'i1', 'uid', { clusterKinds: ['/Node', 'x.io/Tenant'] });
    expect(await kept()).toEqual(['/Node', 'x.io/Tenant']);
    await hello(spoke, 'i1', 'uid', { clusterKinds: Array.from({ length: 2_001 }, (_, i) => `x.io/K${i}`) });
    expect(await kept()).toBeUndefined();
    await hello(spoke, 'i1', 'uid', { clusterKinds: ['/Node'] });
    await hello(spoke);
    expect(await kept()).toBeUndefined();
    await spoke.close();
  });

  it('begins without the orchestrator, and tells the position where there is one', async () => {
    const spoke = await registry.dial(await registry.addCluster('positions'));
    registry.positionOf = ({ cluster: name }) => ({ epoch: 1, generation: name.length });
    expect(await hello(spoke)).toMatchObject({ current: { epoch: 1, generation: 'positions'.length } });
    registry.positionOf = () => {
      throw new UnavailableError('no database');
    };
    expect(await hello(spoke)).toMatchObject({ cluster: 'positions' });
    registry.positionOf = () => ({});
    await spoke.close();
  });

  it('is Connected while it beats, Unknown since its last beat afterwards, and back', async () => {
    const spoke = await registry.dial(await registry.addCluster('beating'));
    const { session } = await hello(spoke);
    let beats = 0;
    let lastBeat = 0;
    const timer = setInterval(() => {
      beat(spoke, session);
      beats++;
      lastBeat = Date.now();
    }, 50);
    await phase('beating', 'Connected');
    const { resourceVersion } = (await registry.cluster('beating'))!.metadata;
    const soFar = beats;
    await waitFor('beats over more than a lease', () => beats > soFar + 20);
    expect((await registry.cluster('beating'))?.metadata.resourceVersion).toBe(resourceVersion);
    clearInterval(timer);
    await phase('beating', 'Unknown');
    const { since } = (await registry.cluster('beating'))!.status!;
    expect(Math.abs(Date.parse(since!) - lastBeat)).toBeLessThan(250);
    beat(spoke, session);
    await phase('beating', 'Connected');
    beat(spoke, session - 1);
    await spoke.close();
  });

  it('is judged by another copy when the one that judged ends', async () => {
    const spoke = await registry.dial(await registry.addCluster('judged'));
    const { session } = await hello(spoke);
    const timer = setInterval(() => beat(spoke, session), 50);
    await phase('judged', 'Connected');
    await registry.replace();
    clearInterval(timer);
    await phase('judged', 'Unknown');
    expect((await hello(spoke)).session).toBeGreaterThan(session);
    await phase('judged', 'Connected');
    await spoke.close();
  });

  it('quarantines another cluster with the same identity until a person accepts it', async () => {
    const spoke = await registry.dial(await registry.addCluster('copied'));
    await hello(spoke);
    expect(await hello(spoke, 'i2', 'another-uid')).toMatchObject({ error: { code: 'quarantined' } });
    await phase('copied', 'Quarantined');
    expect(await hello(spoke)).toMatchObject({ error: { code: 'quarantined' } });
    await registry.bus.ask('registry', 'accept', { cluster: 'copied' });
    expect((await hello(spoke, 'i2', 'another-uid')).session).toBeGreaterThan(0);
    await spoke.close();
  });

  it('quarantines two agents that keep superseding each other', async () => {
    const spoke = await registry.dial(await registry.addCluster('twins'));
    const codes: (string | undefined)[] = [];
    for (let i = 0; i < 8; i++) codes.push((await hello(spoke, i % 2 ? 'a' : 'b')).error?.code);
    expect(codes.filter((code) => code === undefined)).toHaveLength(4);
    expect(codes.at(-1)).toBe('quarantined');
    await spoke.close();
  });
});
