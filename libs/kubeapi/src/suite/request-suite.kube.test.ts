import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Child, findKubernetes, freePort } from '@flotilla/testkit';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { recordedAnswers, recordedFile } from './recorded-answers.js';
import { requestSuite } from './request-suite.js';
import { runRequestSuite, type SuiteTarget } from './run-request-suite.js';

let plane: BareApiServer;

beforeAll(async () => {
  plane = await BareApiServer.start();
});
afterAll(() => plane?.stop());

/** `FLOTILLA_RECORD=1` writes what the server answers instead of comparing. */
test('the recorded answers are those of the real API server', async () => {
  const answers = await runRequestSuite(plane.target, requestSuite());
  if (process.env.FLOTILLA_RECORD === '1') writeFileSync(recordedFile(), `${JSON.stringify(answers, null, 1)}\n`);
  expect(answers).toEqual(recordedAnswers());
});

/** etcd and kube-apiserver alone: controllers would write between the requests. */
class BareApiServer {
  target: SuiteTarget = { baseUrl: '' };
  readonly #dir = mkdtempSync(join(tmpdir(), 'kubeapi-recording-'));
  readonly #children: Child[] = [];

  static async start(): Promise<BareApiServer> {
    const server = new BareApiServer();
    try {
      await server.#run();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const child of this.#children.toReversed()) await child.stop(2_000);
    rmSync(this.#dir, { recursive: true, force: true });
  }

  async #run(): Promise<void> {
    const binaries = findKubernetes();
    if (!binaries) throw new Error('no Kubernetes control plane at hand: run `npm run kube`, or set KUBEBUILDER_ASSETS');
    const [client, peer] = [`http://127.0.0.1:${await freePort()}`, `http://127.0.0.1:${await freePort()}`];
    const etcd = this.#child(binaries.etcd, [
      `--data-dir=${join(this.#dir, 'etcd')}`,
      '--unsafe-no-fsync',
      `--listen-client-urls=${client}`,
      `--advertise-client-urls=${client}`,
      `--listen-peer-urls=${peer}`,
      `--initial-advertise-peer-urls=${peer}`,
      `--initial-cluster=default=${peer}`,
      '--log-level=error',
    ]);
    await etcd.until('etcd to answer', async () => (await fetch(`${client}/health`)).ok);
    await this.#startApiServer(binaries.apiserver, client);
  }

  async #startApiServer(command: string, etcd: string): Promise<void> {
    const token = randomBytes(16).toString('hex');
    const key = this.#file(
      'sa.key',
      generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' }),
    );
    const port = await freePort();
    const apiserver = this.#child(command, [
      `--etcd-servers=${etcd}`,
      `--secure-port=${port}`,
      '--bind-address=127.0.0.1',
      `--cert-dir=${join(this.#dir, 'certs')}`,
      `--service-account-key-file=${key}`,
      `--service-account-signing-key-file=${key}`,
      '--service-account-issuer=https://kubernetes.default.svc',
      `--token-auth-file=${this.#file('tokens.csv', `${token},admin,admin,system:masters\n`)}`,
      '--authorization-mode=RBAC',
      '--service-cluster-ip-range=10.96.0.0/16',
      '--disable-admission-plugins=ServiceAccount',
      '--endpoint-reconciler-type=none',
    ]);
    // The key is written after the certificate: once it is there, the certificate is whole.
    await apiserver.until('the certificate', async () => existsSync(join(this.#dir, 'certs/apiserver.key')));
    this.target = { baseUrl: `https://127.0.0.1:${port}`, token, ca: readFileSync(join(this.#dir, 'certs/apiserver.crt'), 'utf8') };
    const probe = { name: 'ready', method: 'GET', path: '/api/v1/namespaces/default' } as const;
    await apiserver.until('the default namespace', async () => {
      const answers = await runRequestSuite(this.target, [
        { name: 'namespace', steps: [probe, { ...probe, name: 'all', path: '/readyz' }] },
      ]);
      return Object.values(answers).every(({ status }) => status === 200);
    });
  }

  #child(command: string, args: string[]): Child {
    const child = new Child(command, args, { cwd: this.#dir });
    this.#children.push(child);
    return child;
  }

  #file(name: string, text: string | Buffer): string {
    const path = join(this.#dir, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }
}
