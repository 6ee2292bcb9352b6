import { context, metrics, propagation, trace } from '@opentelemetry/api';
import { loadTraceProvider, type TraceProviderOptions } from './trace-provider.js';

export type TelemetryOptions = TraceProviderOptions;

export interface Telemetry {
  /** All metrics of the process in Prometheus' text format. */
  metricsText(): Promise<string>;
  /** Sends what is left and turns telemetry off. */
  stop(): Promise<void>;
}

/**
 * Turns telemetry on for this process, once. The SDK is loaded here and not before, so that whoever only imports
 * this library pays for the API alone.
 */
export async function startTelemetry(options: TelemetryOptions): Promise<Telemetry> {
  const { service, version = '0.0.0' } = options;
  const [hooks, core, resources, metricsSdk, prometheus, tracerProvider] = await Promise.all([
    import('@opentelemetry/context-async-hooks'),
    import('@opentelemetry/core'),
    import('@opentelemetry/resources'),
    import('@opentelemetry/sdk-metrics'),
    import('@opentelemetry/exporter-prometheus'),
    loadTraceProvider(options),
  ]);
  const resource = resources.resourceFromAttributes({ 'service.name': service, 'service.version': version });
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
