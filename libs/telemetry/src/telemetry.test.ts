import { UnavailableError } from '@flotilla/kernel';
import { InMemorySpanExporter } from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createLogger,
  currentTraceparent,
  inSpan,
  meter,
  RedMetrics,
  startSpanSource,
  startTelemetry,
  type Telemetry,
  withTraceparent,
} from './index.js';

let telemetry: Telemetry | undefined;
afterEach(async () => {
  await telemetry?.stop();
  telemetry = undefined;
});

describe('telemetry', () => {
  it('keeps one trace from a stored traceparent through nested spans', async () => {
    const spanExporter = new InMemorySpanExporter();
    telemetry = await startTelemetry({ service: 'test', spanExporter });
    const remote = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const inner = await inSpan('outer', { traceparent: remote }, () => inSpan('inner', {}, async () => currentTraceparent()));
    expect(inner).toMatch(new RegExp(`^00-${'a'.repeat(32)}-[0-9a-f]{16}-01$`));
    const spans = spanExporter.getFinishedSpans();
    expect(spans.map(({ name }) => name)).toEqual(['inner', 'outer']);
    expect(spans[1]?.parentSpanContext?.spanId).toBe('b'.repeat(16));
    expect(spans[0]?.parentSpanContext?.spanId).toBe(spans[1]?.spanContext().spanId);
  });

  it('marks a failed span with the code of its error only', async () => {
    const spanExporter = new InMemorySpanExporter();
    telemetry = await startTelemetry({ service: 'test', spanExporter });
    await expect(inSpan('x', {}, () => Promise.reject(new UnavailableError('password hunter2')))).rejects.toThrow();
    expect(spanExporter.getFinishedSpans()[0]?.status).toEqual({ code: 2, message: 'unavailable' });
  });

  it('passes a traceparent on even where telemetry was not started, and ignores a malformed one', async () => {
    expect(currentTraceparent()).toBeUndefined();
    telemetry = await startTelemetry({ service: 'test' });
    const remote = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`;
    expect(withTraceparent(remote, currentTraceparent)).toBe(remote);
    expect(withTraceparent('00-nonsense', currentTraceparent)).toBeUndefined();
    expect(withTraceparent(`00-${'0'.repeat(32)}-${'d'.repeat(16)}-01`, currentTraceparent)).toBeUndefined();
  });

  it('gives spans to be ended by hand, in the trace of their parent, without touching the process', async () => {
    const spanExporter = new InMemorySpanExporter();
    const source = await startSpanSource({ service: 'agent', spanExporter });
    const remote = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
    const sync = source.open('sync', { traceparent: remote, startedAt: 1_700_000_000_000 });
    source.open('apply', { traceparent: sync.traceparent }).end({ attributes: { outcome: 'applied' } });
    sync.end({ failed: 'refused' });
    sync.end();
    const heal = source.open('heal', { traceparent: 'nonsense', links: [remote, 'nonsense'] });
    heal.end();
    const [apply, ended, alone] = spanExporter.getFinishedSpans();
    expect(apply).toMatchObject({ name: 'apply', attributes: { outcome: 'applied' } });
    expect(apply?.parentSpanContext?.spanId).toBe(ended?.spanContext().spanId);
    expect(ended?.parentSpanContext?.spanId).toBe('b'.repeat(16));
    expect(ended).toMatchObject({ startTime: [1_700_000_000, 0], status: { code: 2, message: 'refused' } });
    expect(alone?.parentSpanContext).toBeUndefined();
    expect(alone?.links.map(({ context }) => context.traceId)).toEqual(['a'.repeat(32)]);
    expect(currentTraceparent()).toBeUndefined();
    await source.stop();
  });

  it('writes rate, errors and duration in Prometheus text', async () => {
    telemetry = await startTelemetry({ service: 'test' });
    const red = new RedMetrics('flotilla_verb');
    await red.observe('render', async () => 1);
    await expect(red.observe('render', () => Promise.reject(new UnavailableError('x')))).rejects.toThrow();
    meter()
      .createObservableGauge('argocd_cluster_info', { description: 'clusters' })
      .addCallback((result) => result.observe(3, { phase: 'Unknown' }));
    const text = await telemetry.metricsText();
    expect(text).toContain('flotilla_verb_requests_total{operation="render",code="ok"} 1');
    expect(text).toContain('flotilla_verb_requests_total{operation="render",code="unavailable"} 1');
    expect(text).toContain('flotilla_verb_duration_seconds_count{operation="render"} 2');
    expect(text).toContain('argocd_cluster_info{phase="Unknown"} 3');
  });
});

describe('createLogger', () => {
  const lines: Record<string, unknown>[] = [];
  const logger = createLogger({ service: 'registry', level: 'info', write: (line) => lines.push(JSON.parse(line)) });
  const last = () => lines.at(-1) as Record<string, unknown>;

  it('writes one JSON line with listed fields only and names the others', () => {
    logger.with({ cluster: 'prod-us' }).info('spoke enrolled', { spoke: 's_a', ...({ password: 'hunter2' } as object) });
    expect(last()).toMatchObject({
      level: 'info',
      service: 'registry',
      msg: 'spoke enrolled',
      cluster: 'prod-us',
      spoke: 's_a',
      unlisted: ['password'],
    });
    expect(JSON.stringify(lines)).not.toContain('hunter2');
  });

  it('masks what looks like a credential, in errors too', () => {
    const secrets = ['eyJhbGciOiJ.eyJzdWIi.c2ln', 'flt1.eyJ2IjoxfQ', `SU${'A'.repeat(56)}`];
    logger.error('failed', { error: new UnavailableError(`at https://bob:hunter2@git.example.com ${secrets.join(' ')} Bearer abc.def`) });
    const text = JSON.stringify(last());
    expect(text).toContain('unavailable');
    expect(text).toContain('https://bob:***@git.example.com');
    for (const secret of [...secrets, 'hunter2', 'abc.def']) expect(text).not.toContain(secret);
  });

  it('says nothing below its level', () => {
    const before = lines.length;
    logger.debug('detail');
    expect(lines).toHaveLength(before);
  });
});
