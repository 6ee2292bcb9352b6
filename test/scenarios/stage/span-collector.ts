import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';

export interface CollectedSpan {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  attributes?: { key: string; value: { stringValue?: string } }[];
  /** `service.name` of the process it is from. */
  service: string;
}

interface Export {
  resourceSpans?: {
    resource?: { attributes?: CollectedSpan['attributes'] };
    scopeSpans?: { spans?: Omit<CollectedSpan, 'service'>[] }[];
  }[];
}

/** Text of a span's or resource's attribute. */
export function attribute(of: { attributes?: CollectedSpan['attributes'] } | undefined, key: string): string | undefined {
  return of?.attributes?.find((attribute) => attribute.key === key)?.value.stringValue;
}

/** An OTLP/HTTP collector that keeps the spans it is sent as JSON. */
export class SpanCollector {
  readonly spans: CollectedSpan[] = [];
  readonly endpoint: string;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    this.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(): Promise<SpanCollector> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const collector = new SpanCollector(server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body = Buffer.concat(chunks);
        const text = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body).toString() : body.toString();
        const { resourceSpans = [] } = JSON.parse(text) as Export;
        for (const { resource, scopeSpans = [] } of resourceSpans) {
          const service = attribute(resource, 'service.name') ?? '';
          for (const { spans = [] } of scopeSpans) collector.spans.push(...spans.map((span) => ({ ...span, service })));
        }
        response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
      });
    });
    return collector;
  }

  of(traceId: string): CollectedSpan[] {
    return this.spans.filter((span) => span.traceId === traceId);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
