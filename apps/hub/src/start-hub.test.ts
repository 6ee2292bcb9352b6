import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@flotilla/localserver';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readHubConfig } from './hub.config.js';
import type { HubFacts } from './hub-files.js';
import { type RunningHub, startHub } from './start-hub.js';

let directory: string;
let ports: Record<string, string>;
let running: RunningHub | undefined;

beforeAll(async () => {
  const root = process.getuid?.() === 0 ? '/var/lib/flotilla' : tmpdir();
  mkdirSync(root, { recursive: true });
  directory = join(mkdtempSync(join(root, 'hub-test-')), 'hub');
  const [https, grpc, nats] = await Promise.all([freePort(), freePort(), freePort()]);
  ports = { FLOTILLA_HTTPS_PORT: String(https), FLOTILLA_GRPC_PORT: String(grpc), FLOTILLA_NATS_PORT: String(nats) };
  // The directory above is the test's own, made with mode 700: PostgreSQL's account has to pass through it.
  chmodSync(join(directory, '..'), 0o711);
});
afterAll(async () => {
  await running?.stop();
  rmSync(join(directory, '..'), { recursive: true, force: true });
});

function start(): Promise<RunningHub> {
  const env = { ...process.env, DATABASE_URL: undefined, NATS_URL: undefined, FLOTILLA_LOG_LEVEL: 'silent', ...ports };
  return startHub(readHubConfig(['--data', directory], env), env);
}

function call(
  { url, caFile }: HubFacts,
  method: string,
  path: string,
  token?: string,
  body?: unknown,
): Promise<{ status: number; body: unknown }> {
  const headers: Record<string, string> = token ? { authorization: `Bearer ${token}` } : {};
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), { method, headers, ca: readFileSync(caFile), agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: JSON.parse(text) }));
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};
const childPids = (): number[] =>
  ['postgres', 'nats'].flatMap((name) => {
    const file = join(directory, 'run', `${name}.pid`);
    return existsSync(file) ? [(JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid] : [];
  });

test('a hub serves, is alone on its directory, leaves nothing behind, and comes back with data and password', async () => {
  running = await start();
  const { facts, initialPassword } = running;
  expect(JSON.parse(readFileSync(join(directory, 'hub.json'), 'utf8'))).toEqual(facts);
  expect(readFileSync(facts.passwordFile, 'utf8').trim()).toBe(initialPassword);
  expect(await call(facts, 'GET', '/readyz')).toMatchObject({ status: 200, body: { database: true, nats: true } });
  const kubeconfig = JSON.parse(readFileSync(facts.kubeconfig, 'utf8'));
  expect(kubeconfig.clusters[0].cluster.server).toBe(facts.url);
  const { token } = kubeconfig.users[0].user as { token: string };
  const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: kept}\ndata: {a: b}\n';
  expect(await call(facts, 'POST', '/v1/apply', token, { text })).toMatchObject({ body: { items: [{ action: 'created' }] } });

  await expect(start()).rejects.toThrow(/in use by the hub/);
  expect((await call(facts, 'GET', '/readyz')).status).toBe(200);

  const children = childPids();
  expect(children.map(isAlive)).toEqual([true, true]);
  await running.stop();
  running = undefined;
  await expect.poll(() => children.map(isAlive)).toEqual([false, false]);
  expect(existsSync(join(directory, 'hub.json'))).toBe(false);

  running = await start();
  expect(running.initialPassword).toBeUndefined();
  const login = { username: 'admin', password: initialPassword };
  expect((await call(running.facts, 'POST', '/v1/login', undefined, login)).status).toBe(200);
  expect(await call(running.facts, 'POST', '/v1/apply', token, { text })).toMatchObject({ body: { items: [{ action: 'unchanged' }] } });
}, 60_000);
