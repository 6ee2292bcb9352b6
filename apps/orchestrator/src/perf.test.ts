import { expect, test } from 'vitest';
import { applicationOf, OrchestratorUnderTest } from './testing/orchestrator-under-test.js';

test('perf', async () => {
  const N = 1000;
  const hub = await OrchestratorUnderTest.start();
  const time = async (name: string, work: () => Promise<unknown>) => {
    const t = performance.now();
    await work();
    console.log(name, Math.round(performance.now() - t), 'ms');
  };
  const set = await hub.apply({
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'ApplicationSet',
    metadata: { name: 'web', namespace: 'argocd' },
    spec: { generators: [], template: {} },
  });
  const ownerReferences = [{ apiVersion: 'argoproj.io/v1alpha1', kind: 'ApplicationSet', name: 'web', uid: set.metadata.uid! }];
  await time('documents', async () => {
    for (let i = 0; i < N; i++) {
      await hub.cluster(`c${i}`, {});
      await hub.apply(applicationOf(`web-${i}`, `c${i}`, { metadata: { ownerReferences } }));
    }
  });
  hub.content = (_name, commit) => [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' }, data: { commit } }];
  await hub.commit('c1');
  await time('name', () => hub.nameEverything());
  const round = async (label: string) => {
    const copy = hub.current();
    await time(`${label} settle`, async () => {
      hub.clock.advance(200);
      await copy.settle();
    });
    await time(`${label} agents`, async () => {
      await Promise.all(
        [...hub.agents.values()].map(async (agent) => {
          await agent.pull(hub.uses);
        }),
      );
    });
    await time(`${label} status`, async () => {
      await Promise.all([...hub.agents.values()].map((agent) => agent.report(hub.uses)));
    });
  };
  for (let i = 0; i < 4; i++) await round(`r1.${i}`);
  await hub.settle2();
  console.log((await hub.rollout('web-r1')).status);
  await hub.commit('c2');
  await hub.uses.gitSource({ kind: 'GitSource', namespace: '', name: 'source' });
  for (let i = 0; i < 4; i++) await round(`r2.${i}`);
  console.log((await hub.rollout('web-r2')).status);
  await hub.stop();
  expect(1).toBe(1);
}, 600_000);
