import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DesiredBody, GitSource } from '@flotilla/contracts';
import { until, type World } from '@flotilla/demo';
import { expect, test } from 'vitest';
import { end, startWorld } from './stage/play-short.js';
import { ShortStory } from './stage/short-story.js';
import { attribute, SpanCollector } from './stage/span-collector.js';

/** Spans along the way, by the process they are from; the last one is the hub taking an agent's report of what it applied. */
const STATIONS = [
  'hub webhook',
  'hub git commit seen',
  'hub expand set',
  'hub reconcile gitSource',
  'agent agent pull',
  'agent agent verify',
  'agent agent sync',
  'agent agent apply',
  'hub spoke.status',
];

/** The traceparents of the applications in the document an agent holds: a checksum line, then JSON. */
function assignedTraces(world: World, cluster: string): (string | undefined)[] {
  const text = readFileSync(join(world.directory, 'agents', cluster, 'document'), 'utf8');
  const { body } = JSON.parse(text.slice(text.indexOf('\n') + 1)) as { body: string };
  return (JSON.parse(body) as DesiredBody).apps.map(({ traceparent }) => traceparent);
}

test('one trace leads from the webhook of a commit to the agents that apply it', { timeout: 180_000 }, async () => {
  const collector = await SpanCollector.start();
  const exporting = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, OTEL_BSP_SCHEDULE_DELAY: '500' };
  // The webhook alone brings the commit: a poll that came first would begin a trace of its own.
  const world = await startWorld({ ...exporting, FLOTILLA_GIT_POLL_INTERVAL: '1h' });
  for (const spoke of world.spokes) spoke.agentSettings = exporting;
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
    const spans = await until('the spans of the trace to be sent', async () => {
      const found = collector.of(traceId);
      const names = found.map(({ service, name }) => `${service} ${name}`);
      const reports = found.filter(({ name }) => name === 'spoke.status').map(({ parentSpanId }) => parentSpanId);
      const applied = found.filter((span) => span.service === 'agent' && attribute(span, 'outcome') === 'applied');
      const isTold = applied.length === world.spokes.length && applied.every(({ spanId }) => reports.includes(spanId));
      if (isTold && STATIONS.every((name) => names.includes(name))) return found;
      throw new Error(names.join(', '));
    });
    // Seen once: whoever came later stands in the same trace.
    expect(spans.filter(({ name }) => name === 'git commit seen')).toHaveLength(1);
    // Every span leads back to the webhook, whose own parent is whoever called it.
    const known = new Set(spans.map(({ spanId }) => spanId));
    const strays = spans.filter(({ name, parentSpanId }) => name !== 'webhook' && !known.has(parentSpanId ?? ''));
    expect(strays.map(({ service, name }) => `${service} ${name}`)).toEqual([]);
  } finally {
    await end(world);
    await collector.stop();
  }
});
