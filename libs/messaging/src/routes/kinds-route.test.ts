import { ManualClock, systemClock } from '@flotilla/kernel';
import { done, type Outcome } from '@flotilla/reconcile';
import type { ResourceKey } from '@flotilla/resources';
import { FakeResourceStore } from '@flotilla/resources/testing';
import { RedMetrics, silentLogger } from '@flotilla/telemetry';
import { waitFor } from '@flotilla/testkit';
import { describe, expect, it } from 'vitest';
import type { MessageContext } from '../route.js';
import { serveKinds } from './kinds-route.js';
import type { RouteScope } from './route-scope.js';

const configMap = (name: string, value: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { namespace: 'argocd', name },
  data: { value },
});
const TRACE = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

describe('a kinds route', () => {
  it('names what is there at the start and what changes after, with the trace of the change', async () => {
    const store = new FakeResourceStore();
    const write = (name: string, value: string, traceparent?: string) =>
      store.transaction({ actor: 'test', traceparent }, async (tx) => {
        const existing = await tx.get({ kind: 'ConfigMap', namespace: 'argocd', name });
        await (existing ? tx.update({ ...existing, data: { value } }) : tx.create(configMap(name, value)));
      });
    await write('a', '1');
    const seen: { name: string; traceparent?: string }[] = [];
    const use = async (input: unknown, { traceparent }: MessageContext): Promise<Outcome> => {
      seen.push({ name: (input as ResourceKey).name, traceparent });
      return done;
    };
    const route = serveKinds({ kinds: ['ConfigMap'], use: 'use' }, use, scopeOver(store));
    await waitFor('the first key', () => seen.length === 1);
    await write('b', '1', TRACE);
    await waitFor('the second key', () => seen.some(({ name }) => name === 'b'));
    await route.stop();
    expect(seen).toEqual([
      { name: 'a', traceparent: undefined },
      { name: 'b', traceparent: TRACE },
    ]);
  });

  it('leaves alone what only its status moved of, when asked to', async () => {
    const store = new FakeResourceStore();
    await store.transaction({ actor: 'test' }, (tx) => tx.create(configMap('a', '1')));
    const seen: string[] = [];
    const use = async (input: unknown): Promise<Outcome> => {
      seen.push((input as ResourceKey).name);
      return done;
    };
    const route = serveKinds({ kinds: ['ConfigMap'], use: 'use', ignoreStatus: true }, use, scopeOver(store));
    await waitFor('the first key', () => seen.length === 1);
    await store.transaction({ actor: 'test' }, async (tx) => {
      const stored = await tx.get({ kind: 'ConfigMap', namespace: 'argocd', name: 'a' });
      await tx.updateStatus({ ...stored!, status: { phase: 'Ready' } });
    });
    await store.transaction({ actor: 'test' }, (tx) => tx.create(configMap('b', '1')));
    await waitFor('the second key', () => seen.includes('b'));
    await route.stop();
    expect(seen).toEqual(['a', 'b']);
  });

  it('names nothing that is there already, when only changes are wanted', async () => {
    const store = new FakeResourceStore();
    await store.transaction({ actor: 'test' }, (tx) => tx.create(configMap('a', '1')));
    const seen: string[] = [];
    const use = async (input: unknown): Promise<Outcome> => {
      seen.push((input as ResourceKey).name);
      return done;
    };
    const route = serveKinds({ kinds: ['ConfigMap'], use: 'use', changesOnly: true }, use, scopeOver(store));
    for (let i = 0; seen.length === 0; i++) {
      await store.transaction({ actor: 'test' }, (tx) => tx.create(configMap(`b${i}`, '1')));
      await new Promise((resolve) => setImmediate(resolve));
    }
    await store.transaction({ actor: 'test' }, (tx) => tx.delete({ kind: 'ConfigMap', namespace: 'argocd', name: 'a' }));
    await waitFor('the deletion', () => seen.includes('a'));
    await route.stop();
    expect(seen[0]).toMatch(/^b/);
  });

  it('names everything again at a resync and tries a failed key again', async () => {
    const store = new FakeResourceStore();
    await store.transaction({ actor: 'test' }, (tx) => tx.create(configMap('a', '1')));
    let calls = 0;
    const use = async (): Promise<Outcome> => {
      calls++;
      if (calls === 1) throw new Error('once');
      return done;
    };
    const clock = new ManualClock();
    const route = serveKinds({ kinds: ['ConfigMap'], use: 'use', resyncMs: 60_000 }, use, scopeOver(store, clock));
    await waitFor('the first try', () => calls === 1);
    for (let wanted = 2; wanted <= 3; wanted++) {
      await waitFor('another try', () => {
        clock.advance(60_000);
        return calls >= wanted;
      });
    }
    await route.stop();
  });
});

function scopeOver(store: FakeResourceStore, clock: RouteScope['clock'] = systemClock): RouteScope {
  const links = {} as RouteScope['links'];
  return { links, store, clock, logger: silentLogger, metrics: new RedMetrics('test'), signal: new AbortController().signal };
}
