export { LOG_FIELDS, type LogFields } from './log-fields.js';
export { createLogger, type Logger, type LoggerOptions, type LogLevel, silentLogger } from './logger.js';
export { type ProbeServer, type ProbeServerOptions, startProbeServer } from './probe-server.js';
export { type Counter, type Histogram, type Meter, meter, RedMetrics } from './red-metrics.js';
export { type OpenSpan, type OpenSpanOptions, type SpanSource, startSpanSource } from './span-source.js';
export { startTelemetry, type Telemetry, type TelemetryOptions } from './start-telemetry.js';
export { type Attributes, currentTraceparent, inSpan, type Span, type SpanOptions, tracer, withTraceparent } from './tracing.js';
