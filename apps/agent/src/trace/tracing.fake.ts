import type { AgentSpan, AgentSpanOptions, Tracing } from './tracing.js';

export interface RecordedSpan extends AgentSpanOptions {
  name: string;
  /** Its own context. */
  context: string;
  result?: { attributes?: Record<string, string | number>; failed?: string };
}

/** Keeps every span; the trace id is the parent's, or a new one. */
export class FakeTracing implements Tracing {
  readonly spans: RecordedSpan[] = [];

  open(name: string, options: AgentSpanOptions = {}): AgentSpan {
    const id = String(this.spans.length + 1);
    const trace = options.traceparent?.split('-')[1] ?? id.padStart(32, '0');
    const span: RecordedSpan = { name, ...options, context: `00-${trace}-${id.padStart(16, '0')}-01` };
    this.spans.push(span);
    return {
      traceparent: span.context,
      end: (result = {}) => {
        span.result ??= result;
      },
    };
  }

  named(name: string): RecordedSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  async stop(): Promise<void> {}
}
