// Runs every tier of the tests with one vitest process and ends with one line that counts them.
// usage: npm test [-- vitest arguments, such as a file name or --project NAME]
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureControlPlane, findControlPlane } from './lib/kube.mjs';
import { ROOT, say } from './lib/system.mjs';

const results = join(ROOT, '.flotilla', `test-results-${process.pid}.json`);
const isCi = process.env.CI === 'true';
const controlPlane = isCi ? await ensureControlPlane() : findControlPlane();
if (isCi && !controlPlane) {
  say('CI=true asks for the tests on a real Kubernetes control plane, but there is none and no Go >= 1.26 to build it');
  process.exit(1);
}
if (!controlPlane) say('SKIPPED: the tests on a real Kubernetes control plane; run `npm run kube` once to include them');

mkdirSync(join(ROOT, '.flotilla'), { recursive: true });
const { status } = spawnSync(
  process.execPath,
  [
    join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${results}`,
    ...process.argv.slice(2),
  ],
  { cwd: ROOT, stdio: 'inherit', env: { ...process.env, FLOTILLA_KUBE: controlPlane ? '1' : '0' } },
);

let counts = { passed: 0, failed: 0, skipped: 0 };
try {
  const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, testResults } = JSON.parse(readFileSync(results, 'utf8'));
  // A file that could not be loaded has no tests to count; it is a failure all the same.
  const broken = testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed'),
  ).length;
  counts = { passed: numPassedTests, failed: numFailedTests + broken, skipped: numPendingTests + numTodoTests };
} catch (error) {
  say(`the test run left no results: ${error.message}`);
  counts.failed = 1;
}
rmSync(results, { force: true });
console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(status === 0 && counts.failed === 0 && counts.passed > 0 ? 0 : 1);
