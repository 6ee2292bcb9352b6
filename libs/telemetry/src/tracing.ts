import { codeOf } from '@flotilla/kernel';
import {
  type Attributes,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';

export type { Attributes, Span };

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** The product's tracer; without a started telemetry its spans cost nothing and record nothing. */
export function tracer(): Tracer {
  return trace.getTracer('flotilla');
}

/** W3C traceparent of the active span, to be stored or sent along; undefined outside any. */
export function currentTraceparent(): string | undefined {
  const span = trace.getSpanContext(context.active());
  if (!span || !/[1-9a-f]/.test(span.traceId)) return undefined;
  return `00-${span.traceId}-${span.spanId}-${(span.traceFlags & TraceFlags.SAMPLED).toString(16).padStart(2, '0')}`;
}

/** Runs `work` as a child of a stored or received traceparent; an absent or malformed one starts no context. */
export function withTraceparent<T>(traceparent: string | undefined, work: () => T): T {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  if (!traceId || !spanId || /^0+$/.test(traceId) || /^0+$/.test(spanId)) return work();
  const parent = { traceId, spanId, traceFlags: Number.parseInt(flags!, 16), isRemote: true };
  return context.with(trace.setSpanContext(ROOT_CONTEXT, parent), work);
}

export interface SpanOptions {
  attributes?: Attributes;
  /** The remote parent; default the active span. */
  traceparent?: string;
  kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
}

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
} as const;

/** Runs `work` in a span; a throw marks the span with the error's code, never with its text, and passes on. */
export function inSpan<T>(name: string, options: SpanOptions, work: (span: Span) => Promise<T>): Promise<T> {
  return withTraceparent(options.traceparent, () =>
    tracer().startActiveSpan(name, { kind: KINDS[options.kind ?? 'internal'], attributes: options.attributes }, async (span) => {
      try {
        return await work(span);
      } catch (error) {
        span.setStatus({ code: SpanStatusCode.ERROR, message: codeOf(error) });
        throw error;
      } finally {
        span.end();
      }
    }),
  );
}
