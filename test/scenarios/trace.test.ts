import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DesiredBody, GitSource } from '@flotilla/contracts';
import { until, type World } from '@flotilla/demo';
import { expect, test } from 'vitest';
import { end, startWorld } from './stage/play-short.js';
import { ShortStory } from './stage/short-story.js';
import { SpanCollector } from './stage/span-collector.js';

/** Spans along the way; the last one is an agent's report of what it applied. */
const STATIONS = ['webhook', 'git commit seen', 'expand set', 'reconcile gitSource', 'spoke.status'];

/** The traceparents of the applications in the document an agent holds: a checksum line, then JSON. */
function assignedTraces(world: World, cluster: string): (string | undefined)[] {
  const text = readFileSync(join(world.directory, 'agents', cluster, 'document'), 'utf8');
  const { body } = JSON.parse(text.slice(text.indexOf('\n') + 1)) as { body: string };
  return (JSON.parse(body) as DesiredBody).apps.map(({ traceparent }) => traceparent);
}

test('one trace leads from the webhook of a commit to the agents that apply it', { timeout: 180_000 }, async () => {
  const collector = await SpanCollector.start();
  const world = await startWorld({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_BSP_SCHEDULE_DELAY: '500' });
  const traceId = randomBytes(16).toString('hex');
  try {
    const [enrol, release] = new ShortStory(world).steps;
    await enrol!.run();
    await release!.run();
    await world.repository.edit('shop/settings.yaml', (text) => text.replace('one', 'traced'));
    await world.repository.push('a commit with a trace');
    await world.hub.client.request('POST', '/api/webhook', {
      body: { ref: 'refs/heads/main', repository: { clone_url: world.repository.url } },
      headers: { 'x-github-event': 'push', traceparent: `00-${traceId}-${randomBytes(8).toString('hex')}-01` },
    });
    for (const { name, client } of world.spokes) {
      await until(`${name} to have the commit`, async () => {
        const live = await client.get('/api/v1/namespaces/shop/configmaps/settings');
        return (live?.data as { MESSAGE?: string } | undefined)?.MESSAGE === 'traced';
      });
      expect(assignedTraces(world, name).some((traceparent) => traceparent?.includes(traceId))).toBe(true);
    }
    const { items } = await world.hub.client.list('/apis/flotilla.dev/v1alpha1/gitsources');
    expect((items as unknown as GitSource[]).map(({ status }) => status?.traceparent?.split('-')[1])).toContain(traceId);
    const names = await until('the spans of the trace to be sent', async () => {
      const found = collector.of(traceId).map(({ name }) => name);
      if (STATIONS.every((name) => found.includes(name))) return found;
      throw new Error(found.join(', '));
    });
    // Seen once: whoever came later stands in the same trace.
    expect(names.filter((name) => name === 'git commit seen')).toHaveLength(1);
  } finally {
    await end(world);
    await collector.stop();
  }
});
