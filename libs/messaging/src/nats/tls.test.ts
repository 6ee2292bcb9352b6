import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '@flotilla/kernel';
import { createKeyring } from '@flotilla/keyring';
import { silentLogger } from '@flotilla/telemetry';
import { startNats } from '@flotilla/testkit';
import { createAuthority, issueServerCertificate } from '@flotilla/tls';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { connectHub, NatsMessageBus, NatsTrust, natsServerConfig, serveRoutes } from '../index.js';

it('speaks TLS with a server whose certificate the own authority signed', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-tls-'));
  const file = (name: string, text: string): string => {
    writeFileSync(join(dir, name), text);
    return join(dir, name);
  };
  const authority = await createAuthority('test', Date.now());
  const server = await issueServerCertificate(authority, ['127.0.0.1'], Date.now());
  const tls = { certFile: file('server.crt', server.certificate), keyFile: file('server.key', server.key) };
  const caFile = file('ca.crt', authority.certificate);
  const trust = new NatsTrust(createKeyring(new Uint8Array(32)));
  const nats = await startNats({ config: ({ port }) => natsServerConfig({ trust, port, tls }) });
  const links = await connectHub({
    service: 'renderer',
    address: { servers: [`tls://127.0.0.1:${nats.port}`], caFile },
    trust,
    logger: silentLogger,
  });
  const routes = await serveRoutes({
    links,
    logger: silentLogger,
    routes: [{ verb: 'echo', request: z.unknown(), reply: z.unknown(), use: 'echo' }],
    uses: { echo: (request: unknown) => request },
  });
  expect(links.hub.connection.info?.tls_required).toBe(true);
  expect(await new NatsMessageBus(links, systemClock).ask('renderer', 'echo', 'hi')).toBe('hi');

  const giveUp = new AbortController();
  let refusal = '';
  const logger = {
    ...silentLogger,
    warn: (_message: string, fields?: { error?: unknown }) => {
      refusal = String(fields?.error);
      giveUp.abort();
    },
  };
  const elsewhere = { servers: [`tls://localhost:${nats.port}`], caFile };
  await expect(connectHub({ service: 'renderer', address: elsewhere, trust, logger, signal: giveUp.signal })).rejects.toThrow();
  expect(refusal).toContain('does not match');

  await routes.stop();
  await links.close();
  await nats.stop();
  rmSync(dir, { recursive: true });
});
