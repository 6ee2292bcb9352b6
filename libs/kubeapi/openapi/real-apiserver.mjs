// Starts etcd and kube-apiserver 1.36 on free loopback ports in a temporary directory, for the scripts that record what the real server does.
// The binaries come from KUBEBUILDER_ASSETS or from the cache that `npm run kube` fills; nothing outside the temporary directory is written.
import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

const START_TIMEOUT_MS = 60_000;

function binaries() {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const dir = process.env.KUBEBUILDER_ASSETS ?? join(homedir(), '.cache/flotilla/kube', `v1.36.3-${process.platform}-${arch}`);
  const etcd = ['etcd', 'server'].map((name) => join(dir, name)).find(existsSync);
  const apiserver = join(dir, 'kube-apiserver');
  if (!etcd || !existsSync(apiserver)) throw new Error(`no etcd and kube-apiserver in ${dir}: run npm run kube, or set KUBEBUILDER_ASSETS`);
  return { etcd, apiserver };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** One HTTPS request with the admin token; answers `{ status, body }`, JSON decoded when it is JSON. */
function caller(port, token) {
  return (method, path, { body, type = 'application/json', accept = 'application/json', userAgent = 'recorder' } = {}) =>
    new Promise((resolve, reject) => {
      const headers = { authorization: `Bearer ${token}`, accept, 'user-agent': userAgent };
      if (body !== undefined) headers['content-type'] = type;
      const call = request({ host: '127.0.0.1', port, method, path, headers, rejectUnauthorized: false }, (answer) => {
        const chunks = [];
        answer.on('data', (chunk) => chunks.push(chunk));
        answer.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          // The OpenAPI index is JSON under text/plain, so the body decides, not the header.
          resolve({ status: answer.statusCode, body: text.startsWith('{') ? JSON.parse(text) : text });
        });
      });
      call.once('error', reject);
      call.end(body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body));
    });
}

/** Starts both processes and waits until the server is ready; `stop()` ends them and removes the directory. */
export async function startRealApiserver() {
  const { etcd, apiserver } = binaries();
  const dir = mkdtempSync(join(tmpdir(), 'flotilla-real-kube-'));
  const [clientPort, peerPort, securePort] = [await freePort(), await freePort(), await freePort()];
  const token = 'recorder-token';
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  writeFileSync(join(dir, 'sa.key'), privateKey.export({ type: 'pkcs1', format: 'pem' }));
  writeFileSync(join(dir, 'tokens.csv'), `${token},admin,admin,system:masters\n`);
  const children = [];
  const start = (file, args) => {
    const child = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    child.log = '';
    child.stderr.on('data', (chunk) => {
      child.log = (child.log + chunk).slice(-20_000);
    });
    children.push(child);
    return child;
  };
  const stop = async () => {
    for (const child of children.reverse()) {
      if (child.exitCode !== null) continue;
      child.kill('SIGKILL');
      await new Promise((resolve) => child.once('exit', resolve));
    }
    rmSync(dir, { recursive: true, force: true });
  };
  const client = `http://127.0.0.1:${clientPort}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  start(etcd, [
    ...['--data-dir', join(dir, 'etcd'), '--unsafe-no-fsync', '--listen-client-urls', client, '--advertise-client-urls', client],
    ...['--listen-peer-urls', peer, '--initial-advertise-peer-urls', peer, '--initial-cluster', `default=${peer}`],
  ]);
  const server = start(apiserver, [
    ...['--etcd-servers', client, '--secure-port', String(securePort), '--bind-address', '127.0.0.1', '--cert-dir', join(dir, 'certs')],
    ...['--service-account-key-file', join(dir, 'sa.key'), '--service-account-signing-key-file', join(dir, 'sa.key')],
    ...['--service-account-issuer', 'https://kubernetes.default.svc', '--token-auth-file', join(dir, 'tokens.csv')],
    ...['--authorization-mode', 'RBAC', '--service-cluster-ip-range', '10.96.0.0/16', '--disable-admission-plugins', 'ServiceAccount'],
  ]);
  const call = caller(securePort, token);
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const ready = await call('GET', '/readyz').catch(() => undefined);
    if (ready?.status === 200) return { call, stop, dir, securePort, token };
    if (Date.now() > deadline || server.exitCode !== null) {
      const { log } = server;
      await stop();
      throw new Error(`kube-apiserver did not become ready:\n${log}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
