import type { SpanExporter, SpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

export interface TraceProviderOptions {
  service: string;
  version?: string;
  /** Base URL of an OTLP/HTTP collector (OTEL_EXPORTER_OTLP_ENDPOINT); spans leave the process only with one. */
  otlpEndpoint?: string;
  /** Receives each finished span at once: for tests. */
  spanExporter?: SpanExporter;
}

/** Spans waiting to be sent; beyond it they are dropped, never awaited. */
const MAX_WAITING_SPANS = 2_048;

/** Loads the tracing part of the SDK, and the exporter where there is a collector. */
export async function loadTraceProvider({
  service,
  version = '0.0.0',
  otlpEndpoint,
  spanExporter,
}: TraceProviderOptions): Promise<TracerProvider> {
  const [resources, traces] = await Promise.all([import('@opentelemetry/resources'), import('@opentelemetry/sdk-trace')]);
  const resource = resources.resourceFromAttributes({ 'service.name': service, 'service.version': version });
  const spanProcessors: SpanProcessor[] = [];
  if (spanExporter) spanProcessors.push(new traces.SimpleSpanProcessor({ exporter: spanExporter }));
  if (otlpEndpoint) {
    const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
    const exporter = new OTLPTraceExporter({ url: `${otlpEndpoint.replace(/\/$/, '')}/v1/traces` });
    spanProcessors.push(new traces.BatchSpanProcessor({ exporter, maxQueueSize: MAX_WAITING_SPANS }));
  }
  return new traces.TracerProvider({ resource, spanProcessors });
}
