import { codeOf } from '@flotilla/kernel';
import { type Attributes, context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { readTraceparent, writeTraceparent } from './traceparent.js';

export type { Attributes, Span };

/** The product's tracer; without a started telemetry its spans cost nothing and record nothing. */
export function tracer(): Tracer {
  return trace.getTracer('flotilla');
}

/** W3C traceparent of the active span, to be stored or sent along; undefined outside any. */
export function currentTraceparent(): string | undefined {
  const span = trace.getSpanContext(context.active());
  if (!span || !/[1-9a-f]/.test(span.traceId)) return undefined;
  return writeTraceparent(span);
}

/** Runs `work` as a child of a stored or received traceparent; an absent or malformed one starts no context. */
export function withTraceparent<T>(traceparent: string | undefined, work: () => T): T {
  const parent = readTraceparent(traceparent);
  if (!parent) return work();
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
