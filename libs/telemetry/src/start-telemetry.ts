import { context, metrics, propagation, trace } from '@opentelemetry/api';
import type { SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';

export interface TelemetryOptions {
  service: string;
  version?: string;
  /** Base URL of an OTLP/HTTP collector (OTEL_EXPORTER_OTLP_ENDPOINT); spans leave the process only with one. */
  otlpEndpoint?: string;
  /** Receives each finished span at once: for tests. */
  spanExporter?: SpanExporter;
}

export interface Telemetry {
  /** All metrics of the process in Prometheus' text format. */
  metricsText(): Promise<string>;
  /** Sends what is left and turns telemetry off. */
  stop(): Promise<void>;
}

/** Spans waiting to be sent; beyond it they are dropped, never awaited. */
const MAX_WAITING_SPANS = 2_048;

/**
 * Turns telemetry on for this process, once. The SDK is loaded here and not before, so that whoever only imports
 * this library pays for the API alone.
 */
export async function startTelemetry({ service, version = '0.0.0', otlpEndpoint, spanExporter }: TelemetryOptions): Promise<Telemetry> {
  const [hooks, core, resources, traces, metricsSdk, prometheus] = await Promise.all([
    import('@opentelemetry/context-async-hooks'),
    import('@opentelemetry/core'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-trace'),
    import('@opentelemetry/sdk-metrics'),
    import('@opentelemetry/exporter-prometheus'),
  ]);
  const resource = resources.resourceFromAttributes({ 'service.name': service, 'service.version': version });
  const spanProcessors: SpanProcessor[] = [];
  if (spanExporter) spanProcessors.push(new traces.SimpleSpanProcessor({ exporter: spanExporter }));
  if (otlpEndpoint) {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
    const exporter = new OTLPTraceExporter({ url: `${otlpEndpoint.replace(/\/$/, '')}/v1/traces` });
    spanProcessors.push(new traces.BatchSpanProcessor({ exporter, maxQueueSize: MAX_WAITING_SPANS }));
  }
  const tracerProvider = new traces.TracerProvider({ resource, spanProcessors });
  const reader = new prometheus.PrometheusExporter({ preventServerStart: true });
  const meterProvider = new metricsSdk.MeterProvider({ resource, readers: [reader] });
  const serializer = new prometheus.PrometheusSerializer('', false, undefined, true, true);

  context.setGlobalContextManager(new hooks.AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new core.W3CTraceContextPropagator());
  trace.setGlobalTracerProvider(tracerProvider);
  metrics.setGlobalMeterProvider(meterProvider);
  return {
    metricsText: async () => serializer.serialize((await reader.collect()).resourceMetrics),
    stop: async () => {
      await Promise.all([tracerProvider.shutdown(), meterProvider.shutdown()]);
      trace.disable();
      metrics.disable();
      context.disable();
      propagation.disable();
    },
  };
}
