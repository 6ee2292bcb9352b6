// One vitest run that ends with a line of counts.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT, say } from './system.mjs';

/** Runs vitest with `args`, prints `N passed, N failed, N skipped` as the last line, and returns the exit code. */
export function runVitest(args, env) {
  const results = join(ROOT, '.flotilla', `test-results-${process.pid}.json`);
  mkdirSync(join(ROOT, '.flotilla'), { recursive: true });
  const { status } = spawnSync(
    process.execPath,
    [
      join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${results}`,
      ...args,
    ],
    { cwd: ROOT, stdio: 'inherit', env: { ...process.env, ...env } },
  );
  const counts = readCounts(results);
  rmSync(results, { force: true });
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  return status === 0 && counts.failed === 0 && counts.passed > 0 ? 0 : 1;
}

function readCounts(results) {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(readFileSync(results, 'utf8'));
    // A file that could not be loaded has no tests to count; it is a failure all the same.
    const broken = testResults.filter(
      (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
    ).length;
    return { passed: numPassedTests, failed: numFailedTests + broken, skipped: numPendingTests + numTodoTests };
  } catch (error) {
    say(`the test run left no results: ${error.message}`);
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
