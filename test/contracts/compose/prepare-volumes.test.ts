import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { natsServersAtHand } from '@flotilla/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureTls } from '../../../apps/hub/src/tls-files.js';
import { prepareVolumes } from '../../../deploy/images/prepare-volumes.mjs';

const CHECK_READY = fileURLToPath(new URL('../../../deploy/images/check-ready.mjs', import.meta.url));
const NOW = Date.parse('2026-01-01T00:00:00Z');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'flotilla-volumes-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const textOf = (path: string): string => readFileSync(join(directory, path), 'utf8');
const modeOf = (path: string): number => statSync(join(directory, path)).mode & 0o777;

describe('preparing the volumes', () => {
  it('writes keys for their owner only, and a configuration that nats-server takes', async () => {
    await prepareVolumes(directory, ['localhost', 'nats'], ensureTls, NOW);
    for (const path of ['authority/ca.key', 'keys/master.key', 'tls/server.key', 'nats/nats.conf']) expect(modeOf(path), path).toBe(0o600);
    expect(textOf('tls/ca.crt')).toBe(textOf('authority/ca.crt'));
    const [server] = natsServersAtHand();
    if (!server) throw new Error('no nats-server at hand');
    execFileSync(server.path, ['-t', '-c', join(directory, 'nats', 'nats.conf')], { stdio: 'ignore' });
  });

  it('keeps the keys when it runs again, and follows the names of the hub', async () => {
    await prepareVolumes(directory, ['localhost'], ensureTls, NOW);
    const [key, configuration, authority, certificate] = ['keys/master.key', 'nats/nats.conf', 'tls/ca.crt', 'tls/server.crt'].map(textOf);
    await prepareVolumes(directory, ['localhost', 'hub.example.com'], ensureTls, NOW);
    expect([textOf('keys/master.key'), textOf('nats/nats.conf'), textOf('tls/ca.crt')]).toEqual([key, configuration, authority]);
    expect(textOf('tls/server.crt')).not.toBe(certificate);
  });
});

describe('the health check of a container', () => {
  const exitCode = (url: string): Promise<number> =>
    new Promise((resolve) => {
      execFile(process.execPath, [CHECK_READY, url], (error) => resolve(error ? Number(error.code) : 0));
    });

  it('passes for 200 and for nothing else', async () => {
    const server = createServer((request, response) => response.writeHead(request.url === '/readyz' ? 200 : 503).end());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect([await exitCode(`${url}/readyz`), await exitCode(`${url}/other`)]).toEqual([0, 1]);
    await new Promise((resolve) => server.close(resolve));
    expect(await exitCode(`${url}/readyz`)).toBe(1);
  });
});
