import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Sandbox } from './sandbox.js';

let cwd: string;
let strict: Sandbox;
let reduced: Sandbox;

beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'flotilla-sandbox-'));
  strict = await Sandbox.detect();
  reduced = await Sandbox.detect('');
});
afterAll(() => rm(cwd, { recursive: true, force: true }));

const node = (script: string, ...argv: string[]) => ({ file: process.execPath, argv: ['-e', script, ...argv], cwd });

test('without its tools the mode is reduced and says why', () => {
  expect([reduced.mode, reduced.reason]).toEqual(['reduced', 'unshare and prlimit not found']);
});

describe.each([
  ['detected', () => strict],
  ['reduced', () => reduced],
])('in %s mode', (_name, pick) => {
  test('output, errors and exit code come back', async () => {
    const result = await pick().run({
      ...node('process.stdin.on("data", d => { console.log("got " + d); console.error("oh"); process.exitCode = 3 })'),
      stdin: 'in',
    });
    expect(result).toMatchObject({ end: 'exited', code: 3, stderr: 'oh\n' });
    expect(result.stdout.toString()).toBe('got in\n');
  });

  test('nothing of the environment is inherited', async () => {
    process.env.FLOTILLA_CANARY = 'secret';
    try {
      const result = await pick().run({ ...node('console.log(JSON.stringify(process.env))'), env: { GIVEN: 'yes' } });
      const seen = JSON.parse(result.stdout.toString());
      expect(Object.keys(seen).sort()).toEqual(['GIVEN', 'HOME', 'LC_ALL', 'PATH', 'TMPDIR']);
    } finally {
      delete process.env.FLOTILLA_CANARY;
    }
  });

  test('an argument is never read by a shell', async () => {
    const result = await pick().run(node('console.log(process.argv[1])', '$(id); `id` && x'));
    expect(result.stdout.toString()).toBe('$(id); `id` && x\n');
  });

  test('a hanging tree of processes is killed when the time is over', async () => {
    const spawnChild = 'require("child_process").spawn(process.execPath, ["-e", "setInterval(()=>{},1e3)"], {stdio: "inherit"});';
    const result = await pick().run({ ...node(`${spawnChild} setInterval(() => {}, 1000)`), limits: { wallMs: 400 } });
    expect(result.end).toBe('wall');
    expect(result.durationMs).toBeLessThan(4000);
  });

  test('output beyond the limit ends the run, errors are cut', async () => {
    const endless = node(
      'const b = Buffer.alloc(65536, 97); const f = () => { while (process.stdout.write(b)); process.stdout.once("drain", f) }; f()',
    );
    expect((await pick().run({ ...endless, limits: { outputBytes: 1e6 } })).end).toBe('output');
    const noisy = await pick().run({ ...node('console.error("x".repeat(5000))'), limits: { errorBytes: 100 } });
    expect(noisy.stderr).toHaveLength(100);
  });

  test('the caller can end it, and a missing program is told', async () => {
    const controller = new AbortController();
    const running = pick().run({ ...node('setInterval(() => {}, 1000)'), signal: controller.signal });
    controller.abort();
    expect((await running).end).toBe('aborted');
    const missing = await pick().run({ file: '/no/such/program', argv: [], cwd });
    expect(missing.end === 'missing' || (missing.code ?? 0) > 0).toBe(true);
  });
});

test('in full mode there is no network, and CPU and memory are limited', async () => {
  expect(strict.mode).toBe('full');
  const dial = 'require("net").connect(1, "127.0.0.1").on("error", e => { console.log(e.code) })';
  expect((await strict.run(node(dial))).stdout.toString()).toBe('ENETUNREACH\n');
  const busy = await strict.run({ ...node('for (;;);'), limits: { cpuSeconds: 1, wallMs: 20_000 } });
  expect(busy.end).toBe('exited');
  expect(busy.code).not.toBe(0);
  const greedy = 'const a = []; for (;;) a.push(Buffer.alloc(16 << 20, 1))';
  const hog = await strict.run({ ...node(greedy), limits: { memoryBytes: 600 << 20, wallMs: 20_000 } });
  expect(hog.end).toBe('exited');
  expect(hog.code).not.toBe(0);
});
