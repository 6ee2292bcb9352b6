/** A span under way. */
export interface AgentSpan {
  /** What children and the hub are told as their parent. */
  readonly traceparent: string | undefined;
  /** Ends it, once; `failed` is a stable code. */
  end(result?: { attributes?: Record<string, string | number>; failed?: string }): void;
}

export interface AgentSpanOptions {
  /** W3C trace context of the parent. */
  traceparent?: string;
  /** Traces it has to do with without being a part of them. */
  links?: readonly string[];
  attributes?: Record<string, string | number>;
  /** Milliseconds since the epoch; default now. */
  startedAt?: number;
}

/** Where the agent's spans go. Trace contexts are handed on by hand: nothing is registered for the process. */
export interface Tracing {
  open(name: string, options?: AgentSpanOptions): AgentSpan;
  /** Sends what is left. */
  stop(): Promise<void>;
}

/** Makes no spans; whoever comes later still learns the parent that was given. */
export const noTracing: Tracing = {
  open: (_name, options) => ({ traceparent: options?.traceparent, end: () => {} }),
  stop: async () => {},
};
