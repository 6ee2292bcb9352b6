import { describe, expect, test } from 'vitest';
import { FakeTracing } from '../trace/tracing.fake.js';
import { type AgentBench, deployment, eventually } from './agent-bench.js';

const TRACE = 'c'.repeat(32);
const COMMIT = `00-${TRACE}-${'d'.repeat(16)}-01`;

/** What the agent tells a collector. */
export function traceSuite(of: () => AgentBench): void {
  describe('the trace of a commit', () => {
    test('goes on through pull, verify, the applies of each wave and the wait for health, and back with the status', async () => {
      const bench = of();
      const tracing = new FakeTracing();
      const late = bench.configMap('late', {}, { 'argocd.argoproj.io/sync-wave': '2' });
      const objects = [bench.configMap('one'), bench.configMap('two'), deployment('web', 'slow-1', { wave: 1 }), late];
      const app = await bench.app('traced', objects, { traceparent: COMMIT });
      bench.hub.assign([app]);
      await bench.start({}, { tracing });
      await bench.settled(app);
      const pulled = await eventually('the document to be taken up', () => tracing.named('agent pull')[0]);
      expect(pulled.traceparent).toBe(COMMIT);
      expect(tracing.named('agent verify')[0]?.traceparent).toBe(pulled.context);
      const [sync] = tracing.named('agent sync');
      expect(sync).toMatchObject({ traceparent: COMMIT, attributes: { application: 'argocd/traced', release: app.release } });
      // One per wave, not one per object.
      expect(tracing.named('agent apply').map(({ traceparent, attributes, result }) => [traceparent, attributes, result])).toEqual(
        [0, 1, 2].map((wave) => [
          sync?.context,
          { wave },
          { attributes: { outcome: 'applied', objects: wave === 0 ? 2 : 1 }, failed: undefined },
        ]),
      );
      expect(tracing.named('agent wait for health')[0]).toMatchObject({
        traceparent: sync?.context,
        attributes: { for: 'wave 1' },
        result: { attributes: { outcome: 'healthy' } },
      });
      expect(sync?.result).toEqual({ failed: undefined });
      const parents = tracing.named('agent apply').map(({ context }) => context);
      await eventually('the status to come in the trace', () => bench.hub.statusTraces.some((trace) => parents.includes(trace ?? '')));
      const { traceparent: _none, ...untraced } = app;
      const fewer = { ...untraced, ...(await bench.app('traced', objects.slice(1), { traceparent: COMMIT })) };
      bench.hub.assign([fewer]);
      await bench.settled(fewer);
      await eventually('the prune', () => tracing.named('agent prune').find(({ result }) => result?.attributes?.outcome === 'pruned'));
    });

    test('a heal has a trace of its own that names the commit, and nothing is told while nothing happens', async () => {
      const bench = of();
      const tracing = new FakeTracing();
      const app = await bench.app('healed', [bench.configMap('edited')], { traceparent: COMMIT });
      bench.hub.assign([app]);
      await bench.start({}, { tracing });
      await bench.settled(app);
      const before = tracing.spans.length;
      bench.hub.ask({ verb: 'refresh' });
      await bench.kube.request('DELETE', bench.path('configmaps', 'edited'));
      const healed = await eventually('the heal', () => tracing.named('agent heal').find(({ result }) => result !== undefined));
      expect(healed).toMatchObject({ links: [COMMIT], result: { failed: undefined } });
      expect(healed.traceparent).toBeUndefined();
      const since = tracing.spans.slice(before).map(({ name }) => name);
      expect(since.filter((name) => name !== 'agent heal' && name !== 'agent apply' && name !== 'agent wait for health')).toEqual([]);
      expect(tracing.spans.slice(before).find(({ name }) => name === 'agent apply')?.traceparent).toBe(healed.context);
    });
  });
}
