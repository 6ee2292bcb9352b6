import { noTracing, type Tracing } from './tracing.js';

/** A collector that does not answer holds the end of the agent up no longer than this. */
const FLUSH_MS = 2_000;

/** Sends spans to an OTLP/HTTP collector. The SDK is loaded here and only with one: without it an agent has no memory to spare for it. */
export async function startTracing(otlpEndpoint: string | undefined, version: string): Promise<Tracing> {
  if (!otlpEndpoint) return noTracing;
  const { startSpanSource } = await import('@flotilla/telemetry');
  const source = await startSpanSource({ service: 'agent', version, otlpEndpoint });
  return {
    open: (name, options) => source.open(name, options),
    stop: async () => {
      const patience = new AbortController();
      const wait = new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, FLUSH_MS);
        patience.signal.addEventListener('abort', () => clearTimeout(timer));
      });
      await Promise.race([source.stop().catch(() => {}), wait]);
      patience.abort();
    },
  };
}
