// Runs every tier of the tests with one vitest process and ends with one line that counts them.
// usage: npm test [-- vitest arguments, such as a file name or --project NAME]
import { ensureControlPlane, findControlPlane } from './lib/kube.mjs';
import { ensurePrograms } from './lib/programs.mjs';
import { say } from './lib/system.mjs';
import { runVitest } from './lib/vitest.mjs';

const isCi = process.env.CI === 'true';
const controlPlane = isCi ? await ensureControlPlane() : findControlPlane();
if (isCi && !controlPlane) {
  say('CI=true asks for the tests on a real Kubernetes control plane, but there is none and no Go >= 1.26 to build it');
  process.exit(1);
}
if (!controlPlane) say('SKIPPED: the tests on a real Kubernetes control plane; run `npm run kube` once to include them');

// What was built with the control plane: `npm run kube` brings both.
const programs = controlPlane ? await ensurePrograms(['kubeseal'], { install: true }) : {};

process.exit(runVitest(process.argv.slice(2), { ...programs, FLOTILLA_KUBE: controlPlane ? '1' : '0' }));
