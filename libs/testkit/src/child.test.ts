import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { waitFor } from './child.js';

test('a child goes with the process that started it, however that dies', async () => {
  const script = `import { Child } from ${JSON.stringify(new URL('./child.ts', import.meta.url).href)};
    console.log(new Child('sleep', ['600']).process.pid);`;
  const starter = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(starter.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  expect(isAlive(pid)).toBe(true);
  starter.kill('SIGKILL');
  await waitFor('the child to be gone', () => !isAlive(pid), 10_000);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
