export interface ProbeFacts {
  apps: number;
  unhealthy: number;
  ackedSeq: number;
  objects: number;
}

/** /healthz, /readyz and Prometheus /metrics on `host:port`. */
export async function serveProbes(listen: string, facts: () => ProbeFacts): Promise<{ port: number; close(): Promise<void> }> {
  const at = listen.lastIndexOf(':');
  // Imported, `node:http` would load undici and http2 for its `WebSocket` export.
  const { createServer } = process.getBuiltinModule('node:http');
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path === '/healthz' || path === '/readyz') return void response.end('ok\n');
    if (path !== '/metrics') return void response.writeHead(404).end();
    response.setHeader('content-type', 'text/plain; version=0.0.4');
    response.end(metricsText(facts()));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(listen.slice(at + 1)), listen.slice(0, at) || '127.0.0.1', resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

function metricsText({ apps, unhealthy, objects }: ProbeFacts): string {
  const gauge = (name: string, help: string, value: number): string => `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${name} ${value}\n`;
  return [
    gauge('flotilla_agent_apps', 'Applications assigned to this spoke.', apps),
    gauge('flotilla_agent_apps_unhealthy', 'Assigned applications that are not Healthy.', unhealthy),
    gauge('flotilla_agent_objects', 'Live objects under watch.', objects),
    gauge('flotilla_agent_resident_bytes', 'Resident memory.', process.memoryUsage().rss),
  ].join('');
}
