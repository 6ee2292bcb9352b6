import { type Attributes, ROOT_CONTEXT, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { loadTraceProvider, type TraceProviderOptions } from './trace-provider.js';
import { readTraceparent, writeTraceparent } from './traceparent.js';

/** A span that is handed on by hand and may stay open for long. */
export interface OpenSpan {
  /** W3C trace context of this span, for its children here and elsewhere. */
  readonly traceparent: string;
  /** Ends it, once; `failed` is the stable code of an error. */
  end(result?: { attributes?: Attributes; failed?: string }): void;
}

export interface OpenSpanOptions {
  /** The parent; without one, or with a malformed one, the span begins a trace. */
  traceparent?: string;
  /** Traces it has to do with without being a part of them. */
  links?: readonly string[];
  attributes?: Attributes;
  /** Milliseconds since the epoch; default now. */
  startedAt?: number;
}

/** Spans without any global state: for a process that passes its trace contexts on by itself. */
export interface SpanSource {
  open(name: string, options?: OpenSpanOptions): OpenSpan;
  /** Sends what is left. */
  stop(): Promise<void>;
}

/** Loads the SDK and gives spans to the collector of the options. Nothing is registered for the process. */
export async function startSpanSource(options: TraceProviderOptions): Promise<SpanSource> {
  const provider = await loadTraceProvider(options);
  const tracer = provider.getTracer('flotilla');
  return { open: (name, span = {}) => openSpan(tracer, name, span), stop: () => provider.shutdown() };
}

function openSpan(tracer: Tracer, name: string, { traceparent, links = [], attributes, startedAt }: OpenSpanOptions): OpenSpan {
  const parent = readTraceparent(traceparent);
  const span = tracer.startSpan(
    name,
    {
      attributes,
      startTime: startedAt,
      links: links.flatMap((link) => {
        const context = readTraceparent(link);
        return context ? [{ context }] : [];
      }),
    },
    parent ? trace.setSpanContext(ROOT_CONTEXT, parent) : ROOT_CONTEXT,
  );
  return {
    traceparent: writeTraceparent(span.spanContext()),
    end: ({ attributes: found, failed } = {}) => {
      if (!span.isRecording()) return;
      if (found) span.setAttributes(found);
      if (failed !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failed });
      span.end();
    },
  };
}
