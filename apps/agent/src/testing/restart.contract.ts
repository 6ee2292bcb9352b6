import { describe, expect, test } from 'vitest';
import { type AgentBench, eventually } from './agent-bench.js';
import { base64, CANARY, dataOf, give } from './secret-bench.js';

/** What the agent finds again after it was cut off at a bad moment. */
export function restartSuite(of: () => AgentBench): void {
  describe('an agent cut off', () => {
    test('in the middle of an apply still knows every object as its own and ends where Git says', async () => {
      const bench = of();
      const names = Array.from({ length: 8 }, (_, i) => `cut-${i}`);
      const app = await bench.app(
        'cut',
        names.map((name) => bench.configMap(name)),
      );
      await bench.start();
      let copy: Promise<string> | undefined;
      bench.client.afterWrite = async (count) => {
        if (count === 3) copy = bench.copyDisk();
        await copy;
      };
      bench.hub.assign([app]);
      await bench.settled(app);
      await bench.stop();
      await bench.restoreDisk((await copy) ?? '');
      const less = await bench.app('cut', [bench.configMap('cut-0')]);
      bench.hub.assign([less]);
      await bench.start();
      await bench.settled(less);
      for (const name of names.slice(1))
        await eventually(`${name} to go`, async () => !(await bench.kube.get(bench.path('configmaps', name))));
      expect(await bench.kube.get(bench.path('configmaps', 'cut-0'))).toBeDefined();
    });

    test('from its disk goes on from what it kept in the cluster, without the hub', async () => {
      const bench = of();
      const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'login' }, stringData: { password: 'canary-91b2' } };
      const app = await bench.app('moved', [bench.configMap('a', { k: 'v' }), secret]);
      const grant = await give(bench, app, 'token', { token: CANARY });
      bench.hub.assign([app], [], [grant]);
      await bench.start();
      await bench.settled(app);
      const backup = bench.path('secrets', 'flotilla-agent-state');
      await eventually(
        'the backup',
        async () => (await bench.kube.get(backup)) && bench.kube.get(bench.path('secrets', 'flotilla-agent-identity')),
      );
      await bench.stop();
      await bench.wipeDisk();
      bench.hub.isDown = true;
      await bench.start();
      await bench.kube.request('DELETE', bench.path('configmaps', 'a'));
      for (const name of ['login', 'token']) await bench.kube.request('DELETE', bench.path('secrets', name));
      await eventually('the object', () => bench.kube.get(bench.path('configmaps', 'a')));
      await eventually('the Secret', () => bench.kube.get(bench.path('secrets', 'login')));
      await eventually('the granted Secret', async () => (await dataOf(bench, 'token'))?.token === base64(CANARY));
    });
  });
}
