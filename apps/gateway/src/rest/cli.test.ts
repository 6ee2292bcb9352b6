import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type GatewayUnderTest, startGateway } from '../testing/gateway-under-test.js';

const FLOTILLA = fileURLToPath(new URL('../../../cli/bin/flotilla.mjs', import.meta.url));

let gateway: GatewayUnderTest;
let directory: string;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'flotilla-cli-'));
  gateway = await startGateway();
  writeFileSync(join(directory, 'ca.crt'), gateway.ca);
});
afterAll(async () => {
  rmSync(directory, { recursive: true, force: true });
  await gateway?.stop();
});

function flotilla(args: readonly string[], stdin = ''): Promise<{ code: number | null; out: string; error: string }> {
  const { FLOTILLA_SERVER: _, FLOTILLA_TOKEN: __, ...env } = process.env;
  const child = spawn(process.execPath, [FLOTILLA, ...args], { env: { ...env, FLOTILLA_CONFIG: join(directory, 'config.json') } });
  let [out, error] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    error += text;
  });
  child.stdin.end(stdin);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, error }));
  });
}

test('the CLI logs in, applies, lists and completes', async () => {
  expect(await flotilla(['app', 'list'])).toMatchObject({ code: 3, error: expect.stringContaining('not logged in') });
  const login = ['login', gateway.url, '--ca', join(directory, 'ca.crt'), '--password-stdin'];
  expect(await flotilla(login, 'wrong\n')).toMatchObject({ code: 3, error: expect.stringContaining('user name or password is wrong') });
  expect(await flotilla(login, `${gateway.password}\n`)).toMatchObject({ code: 0, out: expect.stringContaining('logged in to 127.0.0.1') });
  expect(statSync(join(directory, 'config.json')).mode & 0o777).toBe(0o600);

  const document = (kind: string, name: string, spec: string): string =>
    `apiVersion: argoproj.io/v1alpha1\nkind: ${kind}\nmetadata: {name: ${name}}\nspec: ${spec}\n`;
  const good = document(
    'Application',
    'web',
    '{project: default, source: {repoURL: https://g.example.com/r, path: a}, destination: {name: c, namespace: web}}',
  );
  const applied = await flotilla(['apply', '-f', '-'], `${good}---\n${document('Application', 'broken', '{}')}`);
  expect(applied).toMatchObject({ code: 1, out: 'application/web created\napplication/broken refused\n' });
  expect(applied.error).toContain('spec.destination');
  expect(await flotilla(['app', 'list', '-o', 'name'])).toMatchObject({ code: 0, out: 'application.argoproj.io/web\n' });
  expect(await flotilla(['app', 'get', 'nobody'])).toMatchObject({ code: 1, error: 'flotilla: no Application nobody\n' });
  expect((await flotilla(['app', 'lst'])).code).toBe(2);

  expect((await flotilla(['complete', 'bash'])).out).toContain('flotilla');
  expect((await flotilla(['complete', '--', 'rollout', ''])).out).toMatch(/^watch\t[\s\S]*^approve\t/m);
}, 60_000);
