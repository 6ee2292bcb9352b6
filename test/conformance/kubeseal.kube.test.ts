import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrokerService, startBroker } from '@flotilla/broker';
import { createEdge, GatewayModule, GatewayService } from '@flotilla/gateway';
import { createKeyring } from '@flotilla/keyring';
import { NatsTrust, natsServerConfig } from '@flotilla/messaging';
import { openPlatform, type Platform } from '@flotilla/platform';
import { startNats, testDatabase } from '@flotilla/testkit';
import { createAuthority, issueServerCertificate } from '@flotilla/tls';
import { parseYaml } from '@flotilla/yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

/** The real program, unmodified, against the doors people have: HTTPS and a kubeconfig. */
const KUBESEAL =
  process.env.FLOTILLA_KUBESEAL ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'flotilla/tools/kubeseal-0.27.1/kubeseal');
const MASTER_KEY = new Uint8Array(32).fill(9);
const VALUE = 'canary-sealed-by-kubeseal';
const SECRET = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'db', namespace: 'shop' },
  stringData: { password: VALUE },
};

let directory: string;
let kubeconfig: string;
let broker: BrokerService;
let platform: Platform;
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'flotilla-kubeseal-'));
  stops.push(() => rm(directory, { recursive: true, force: true }));
  const authority = await createAuthority('kubeseal test', Date.now());
  const tls = await issueServerCertificate(authority, ['127.0.0.1', 'localhost'], Date.now());
  const database = await testDatabase();
  stops.push(() => database.drop());
  const trust = new NatsTrust(createKeyring(MASTER_KEY));
  const nats = await startNats({ config: ({ port, dir }) => natsServerConfig({ trust, port, storeDir: dir }) });
  stops.push(() => nats.stop());
  const shared = { masterKey: MASTER_KEY, fleet: 'test', logLevel: 'silent' as const, databaseConnections: 12 };
  platform = await openPlatform({ databaseUrl: database.url, natsUrls: [nats.url], ...shared }, { name: 'gateway' });
  stops.push(() => platform.close());
  const probes = { probeHost: '127.0.0.1', probePort: 0 };
  broker = await startBroker(platform, { concurrency: 2, secretsDir: undefined, allowAddresses: [], ...probes });
  stops.push(() => broker.stop());
  const gateway = { host: '127.0.0.1', httpsPort: 0, grpcPort: 0, tls, webhookSecrets: {}, ...probes };
  const module = GatewayModule.register(platform, gateway, { metrics: async () => '', keepPassword: () => {} });
  const application = await createEdge(module, tls);
  stops.push(() => application.close());
  await application.listen(0, '127.0.0.1');
  const { port } = application.getHttpServer().address() as AddressInfo;
  const { token } = application.get(GatewayService, { strict: false }).gateway.sessions.issue(3_600_000);
  kubeconfig = await writeKubeconfig(`https://127.0.0.1:${port}`, authority.certificate, token);
}, 60_000);

afterAll(async () => {
  for (const stop of stops.toReversed()) await stop();
});

async function writeKubeconfig(server: string, ca: string, token: string): Promise<string> {
  const path = join(directory, 'kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'hub',
    clusters: [{ name: 'hub', cluster: { server, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'hub', context: { cluster: 'hub', user: 'admin' } }],
  };
  await writeFile(path, JSON.stringify(config));
  await chmod(path, 0o600);
  return path;
}

/** What kubeseal says; its exit code decides whether that is an answer or a complaint. */
function kubeseal(args: readonly string[], input = ''): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const env = { PATH: process.env.PATH, HOME: directory, KUBECONFIG: kubeconfig };
    const child = execFile(KUBESEAL, args, { env, timeout: 30_000, maxBuffer: 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: error ? 1 : 0, stdout, stderr: `${stderr}${error && !stderr ? error.message : ''}` });
    });
    child.stdin?.end(input);
  });
}

async function ok(args: readonly string[], input?: string): Promise<string> {
  const { code, stdout, stderr } = await kubeseal(args, input);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return stdout;
}

interface Sealed {
  kind: string;
  metadata: { name: string; annotations?: Record<string, string> };
  spec: { encryptedData: Record<string, string>; template: { metadata: { annotations?: Record<string, string> } } };
}
const sealedOf = (text: string) => parseYaml(text)[0] as Sealed;

describe('kubeseal', () => {
  test('fetches the certificate, by its own defaults and by any namespace and name that is usual', async () => {
    const certificate = await ok(['--fetch-cert']);
    expect(certificate).toContain('BEGIN CERTIFICATE');
    expect(await ok(['--fetch-cert', '--controller-namespace', 'argocd', '--controller-name', 'sealed-secrets'])).toBe(certificate);
  });

  test.each(['strict', 'namespace-wide', 'cluster-wide'])(
    'seals in scope %s against the hub, and what it sealed is valid',
    async (scope) => {
      const sealed = await ok(['--scope', scope, '-o', 'json'], JSON.stringify(SECRET));
      expect(sealedOf(sealed)).toMatchObject({ kind: 'SealedSecret', metadata: { name: 'db' } });
      expect(sealed).not.toContain(VALUE);
      await ok(['--validate'], sealed);
      const moved = sealed.replaceAll('"shop"', '"elsewhere"');
      const outcome = await kubeseal(['--validate'], moved);
      expect(outcome.code).toBe(scope === 'cluster-wide' ? 0 : 1);
      if (scope !== 'cluster-wide') expect(outcome.stderr).toContain('unable to decrypt sealed secret');
    },
  );

  test('seals with the fetched certificate and without a hub', async () => {
    const certificate = join(directory, 'cert.pem');
    await writeFile(certificate, await ok(['--fetch-cert']));
    const sealed = await ok(['--cert', certificate, '-o', 'yaml'], JSON.stringify(SECRET));
    await ok(['--validate'], sealed);
  });

  test('seals anew, in the same scope, whatever stands in the template', async () => {
    const strict = sealedOf(await ok(['-o', 'json'], JSON.stringify(SECRET)));
    strict.spec.template.metadata.annotations = { 'sealedsecrets.bitnami.com/cluster-wide': 'true' };
    const rotated = sealedOf(await ok(['--re-encrypt', '-o', 'json'], JSON.stringify(strict)));
    expect(rotated.spec.encryptedData.password).not.toBe(strict.spec.encryptedData.password);
    expect(rotated.metadata.annotations?.['sealedsecrets.bitnami.com/cluster-wide']).toBeUndefined();
    await ok(['--validate'], JSON.stringify(rotated));
    rotated.metadata.annotations = { 'sealedsecrets.bitnami.com/cluster-wide': 'true' };
    expect((await kubeseal(['--validate'], JSON.stringify(rotated))).code).toBe(1);
  });

  test('opens what the hub sealed, with the hub’s key: the value is the one that kubeseal itself sealed', async () => {
    const rotated = await ok(['--re-encrypt', '-o', 'json'], await ok(['-o', 'json'], JSON.stringify(SECRET)));
    const [row] = await platform.database.query<{ id: string; sealed_key: string }>('SELECT id, sealed_key FROM broker.sealing_keys');
    const key = join(directory, 'recovery.key');
    await writeFile(key, platform.keyring.open(row!.sealed_key, { purpose: 'sealing-key', id: row!.id }), { mode: 0o600 });
    const opened = await ok(['--recovery-unseal', '--recovery-private-key', key, '-o', 'json'], rotated);
    expect((parseYaml(opened)[0] as { data: object }).data).toEqual({ password: Buffer.from(VALUE).toString('base64') });
  });

  test('is told what is not valid, and refuses to go on', async () => {
    const unopenable = {
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecret',
      metadata: SECRET.metadata,
      spec: { encryptedData: { a: 'AgBh' } },
    };
    expect((await kubeseal(['--validate'], JSON.stringify(unopenable))).stderr).toContain('unable to decrypt');
    expect((await kubeseal(['--re-encrypt'], JSON.stringify(unopenable))).code).toBe(1);
  });
});
