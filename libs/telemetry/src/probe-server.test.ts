import { expect, it } from 'vitest';
import { startProbeServer } from './index.js';

it('answers health, readiness with its reasons, and metrics', async () => {
  let reasons: string[] = ['no connection to nats'];
  const server = await startProbeServer({ port: 0, metricsText: async () => 'up 1\n', notReady: () => reasons });
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
    return [response.status, await response.text()];
  };
  try {
    expect(await get('/healthz')).toEqual([200, 'ok\n']);
    expect(await get('/readyz')).toEqual([503, 'no connection to nats\n']);
    reasons = [];
    expect(await get('/readyz?x')).toEqual([200, 'ok\n']);
    expect(await get('/metrics')).toEqual([200, 'up 1\n']);
    expect((await get('/'))[0]).toBe(404);
  } finally {
    await server.stop();
  }
});
