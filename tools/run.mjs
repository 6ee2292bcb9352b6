// The door of every npm script: installs what is missing, changes to the project's own Node, builds, and starts the command.
// usage: node tools/run.mjs COMMAND [--no-install] [arguments of the command]
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { ensureDependencies, NODE } from './lib/dependencies.mjs';
import { ensureControlPlane } from './lib/kube.mjs';
import { ensurePrograms } from './lib/programs.mjs';
import { fail, ROOT, run } from './lib/system.mjs';

const HUB_PROGRAMS = ['nats-server', 'helm', 'kustomize'];

/** `entry` runs under the project's Node from the root; `programs` are there and `project` is built before it starts. */
const COMMANDS = {
  demo: { entry: 'apps/demo/dist/src/main.js', programs: HUB_PROGRAMS },
  start: { entry: 'apps/hub/dist/src/main.js', programs: HUB_PROGRAMS },
  test: { entry: 'tools/test.mjs', programs: HUB_PROGRAMS },
  faults: { entry: 'tools/faults.mjs', programs: HUB_PROGRAMS },
  bench: { entry: 'test/bench/dist/main.js', programs: HUB_PROGRAMS, project: 'test/bench' },
  kube: { entry: 'tools/kube.mjs', programs: ['kubeseal'] },
};

const [name, ...rest] = process.argv.slice(2);
const command = COMMANDS[name];
if (!command) fail(`usage: node tools/run.mjs ${Object.keys(COMMANDS).join('|')} [--no-install] ...`);
if (Number(process.versions.node.split('.')[0]) < 20) fail(`Node ${process.versions.node} is too old; install Node 20 or newer`);

const install = !rest.includes('--no-install');
ensureDependencies({ install });
const environment = await ensurePrograms(command.programs, { install });
if (name === 'kube' && !(await ensureControlPlane()))
  fail('no control plane at hand and no Go >= 1.26 to build one; install Go, or set KUBEBUILDER_ASSETS');
const PATH = [dirname(NODE), join(ROOT, 'node_modules', '.bin'), process.env.PATH].join(delimiter);
if (
  !run(NODE, [join(ROOT, 'node_modules', 'typescript', 'bin', 'tsc'), '-b', '.', ...(command.project ? [command.project] : [])], {
    cwd: ROOT,
  })
)
  fail('the build failed; its output above says why');

const child = spawn(NODE, ['--enable-source-maps', join(ROOT, command.entry), ...rest.filter((argument) => argument !== '--no-install')], {
  cwd: ROOT,
  stdio: 'inherit',
  env: { ...process.env, ...environment, PATH },
});
// A terminal sends its signals to the whole group; one sent to this process alone is handed on.
for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
process.on('SIGINT', () => {});
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
