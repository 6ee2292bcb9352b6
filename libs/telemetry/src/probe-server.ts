import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ProbeServerOptions {
  /** 0 for any free one. */
  port: number;
  /** Default loopback. */
  host?: string;
  metricsText: () => Promise<string>;
  /** What keeps the service from doing its work, in words; empty when nothing does. */
  notReady: () => Promise<readonly string[]> | readonly string[];
}

export interface ProbeServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** `/healthz` (the process answers), `/readyz` (503 and the reasons while it cannot work) and `/metrics`. */
export async function startProbeServer(options: ProbeServerOptions): Promise<ProbeServer> {
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    void answer(request.url ?? '', options).then(
      ({ status, text }) => response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8' }).end(text),
      () => response.writeHead(500).end('the probe failed\n'),
    );
  });
  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(url: string, { metricsText, notReady }: ProbeServerOptions): Promise<{ status: number; text: string }> {
  switch (url.split('?')[0]) {
    case '/healthz':
      return { status: 200, text: 'ok\n' };
    case '/readyz': {
      const reasons = await notReady();
      return reasons.length === 0 ? { status: 200, text: 'ok\n' } : { status: 503, text: `${reasons.join('\n')}\n` };
    }
    case '/metrics':
      return { status: 200, text: await metricsText() };
    default:
      return { status: 404, text: 'not found\n' };
  }
}

function listen(server: Server, { port, host = '127.0.0.1' }: ProbeServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve());
  });
}
