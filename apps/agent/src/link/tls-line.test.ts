import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newSpokeId } from '@flotilla/kernel';
import { generateNkey } from '@flotilla/keyring';
import { type NatsServer, startNats } from '@flotilla/testkit';
import { createAuthority, issueServerCertificate } from '@flotilla/tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { silentLog } from '../log.js';
import { NatsHubLink } from './hub.link.nats.js';

let directory: string;
let ca: string;
const servers: NatsServer[] = [];

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'flotilla-agent-tls-'));
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  rmSync(directory, { recursive: true, force: true });
});

async function serve(hosts: readonly string[]): Promise<string> {
  const authority = await createAuthority('test', Date.now());
  const pair = await issueServerCertificate(authority, hosts, Date.now());
  ca = authority.certificate;
  const [cert, key] = ['crt', 'key'].map((suffix) => join(directory, `${servers.length}.${suffix}`)) as [string, string];
  writeFileSync(cert, pair.certificate);
  writeFileSync(key, pair.key);
  const server = await startNats({
    config: ({ port }) => `listen: "127.0.0.1:${port}"\ntls { cert_file: "${cert}", key_file: "${key}" }\n`,
  });
  servers.push(server);
  return `tls://127.0.0.1:${server.port}`;
}
const dial = (url: string) =>
  NatsHubLink.connect({
    spokeId: newSpokeId(),
    urls: [url],
    ca,
    userJwt: () => 'a.b.c',
    nkeySeed: generateNkey('user').seed,
    log: silentLog,
  });

test('a hub named by its IP address is trusted when its certificate names that address', async () => {
  const line = await dial(await serve(['127.0.0.1']));
  await line.close();
});

test('a certificate for another name is refused', async () => {
  await expect(dial(await serve(['other.example.com']))).rejects.toThrow();
});
