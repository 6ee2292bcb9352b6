import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { FamilyCpu, type ProcessTimes } from './family-cpu.js';

const ROOT = 1;

/** A family whose next look at the root may be preceded by something that happens. */
function family(processes: Record<number, ProcessTimes>, atLook: Record<number, () => void> = {}) {
  let looks = 0;
  return new FamilyCpu({
    pids: () => Object.keys(processes).map(Number),
    times: (pid) => {
      if (pid === ROOT) atLook[++looks]?.();
      return processes[pid] && { ...processes[pid] };
    },
  });
}
const waitedFor = (processes: Record<number, ProcessTimes>, pid: number): void => {
  processes[ROOT]!.endedMs += processes[pid]!.ownMs;
  delete processes[pid];
};

test('a family is its root with its children, and what ended keeps counting', () => {
  const processes: Record<number, ProcessTimes> = {
    [ROOT]: { parent: 0, ownMs: 10, endedMs: 100 },
    2: { parent: ROOT, ownMs: 500, endedMs: 0 },
    3: { parent: ROOT, ownMs: 40, endedMs: 0 },
    4: { parent: 9, ownMs: 7_000, endedMs: 0 },
  };
  const cpu = family(processes);
  expect([cpu.of(ROOT), cpu.alone(ROOT)]).toEqual([650, 10]);
  waitedFor(processes, 2);
  expect(cpu.of(ROOT)).toBe(650);
  processes[3]!.ownMs += 5;
  expect(cpu.of(ROOT)).toBe(655);
});

test('a child that ends while it is looked at counts once', () => {
  const processes: Record<number, ProcessTimes> = {
    [ROOT]: { parent: 0, ownMs: 10, endedMs: 0 },
    2: { parent: ROOT, ownMs: 500, endedMs: 0 },
  };
  // Each look at a family looks at its root before the children, among them (it is a process too) and after.
  const cpu = family(processes, { 3: () => waitedFor(processes, 2) });
  expect(cpu.of(ROOT)).toBe(510);
  expect(cpu.of(ROOT)).toBe(510);
});

test('a figure never goes back, whatever the table says, and of nobody it is nothing', () => {
  const processes: Record<number, ProcessTimes> = { [ROOT]: { parent: 0, ownMs: 10, endedMs: 90 } };
  const cpu = family(processes);
  expect(cpu.of(ROOT)).toBe(100);
  processes[ROOT] = { parent: 0, ownMs: 10, endedMs: 0 };
  expect(cpu.of(ROOT)).toBe(100);
  expect(cpu.of(77)).toBe(0);
});

test('of real processes it holds the work of a child that ended, and nothing where /proc is not', async () => {
  const burn = 'const end = process.cpuUsage().user + 300_000; while (process.cpuUsage().user < end);';
  const parent = `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(burn)}]); console.log('done'); setInterval(() => {}, 1000)`;
  const child = spawn(process.execPath, ['-e', parent], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const cpu = new FamilyCpu().of(child.pid!);
    if (process.platform === 'linux') expect(cpu).toBeGreaterThan(250);
    else expect(cpu).toBe(0);
  } finally {
    child.kill('SIGKILL');
  }
});
