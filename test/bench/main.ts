import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { APPLY } from './apply/b6-apply.js';
import { EXPAND } from './expand/b1-expand.js';
import { FLEET } from './fleet/b3-fleet.js';
import { MONOREPO } from './git/b15-monorepo.js';
import { MAIN_JOB } from './job/b21-main-job.js';
import { NOTIFICATIONS } from './notify/b11-latency.js';
import { PLACEMENT } from './placement/b14-placement.js';
import { type BenchContext, type BenchRow, ratioOf } from './run/benchmark.js';
import { calibrate } from './run/calibrate.js';
import { ALLOWED_GROWTH, readMedians, regressions, table } from './run/report.js';
import { ROTATION } from './secrets/b10-rotation.js';

const BENCHMARKS = [EXPAND, FLEET, APPLY, ROTATION, NOTIFICATIONS, PLACEMENT, MONOREPO, MAIN_JOB];
const MEDIANS = join(dirname(fileURLToPath(import.meta.url)), '..', 'medians.json');
const SYSTEM_DATA = '/var/lib/flotilla';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    check: { type: 'boolean', default: false },
  },
});
const wanted = values.only?.toLowerCase().split(',');
const unknown = wanted?.filter((id) => !BENCHMARKS.some((benchmark) => benchmark.id === id)) ?? [];
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are ${BENCHMARKS.map(({ id }) => id).join(', ')}`);
  process.exit(2);
}

const directory = scratch();
process.once('exit', () => rmSync(directory, { recursive: true, force: true, maxRetries: 5 }));
const endings: (() => unknown)[] = [];
let stopping: Promise<void> | undefined;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stopping ??= endAll().finally(() => process.exit(130));
  });
}

const context: BenchContext = {
  quick: values.quick,
  directory,
  say: (line) => console.error(line),
  afterwards: (end) => endings.push(end),
};
const load = (): string =>
  loadavg()
    .map((value) => value.toFixed(1))
    .join(' ');
console.log(`# Flotilla benchmarks${values.quick ? ' (quick)' : ''}\n`);
console.log(`${cpus().length} cores (${cpus()[0]?.model.trim()}), Node ${process.versions.node}, load average ${load()}`);
warnOfLoad();
const calibration = await calibrate(directory);
console.log(`calibration: ${JSON.stringify(calibration)}\n`);

const rows: BenchRow[] = [];
const failures: string[] = [];
for (const benchmark of BENCHMARKS.filter(({ id }) => wanted?.includes(id) ?? true)) {
  context.say(`${benchmark.id}: ${benchmark.title}`);
  try {
    rows.push(...(await benchmark.run(context)));
  } catch (error) {
    // What fails because everything is being stopped is no finding.
    await stopping;
    failures.push(`${benchmark.id}: ${(error as Error).message}`);
    context.say(`${benchmark.id} FAILED: ${(error as Error).stack}`);
  }
  await endAll();
}
console.log(table(rows));
for (const failure of failures) console.log(`FAILED ${failure}`);
warnOfLoad();
const medians = values.check ? readMedians(MEDIANS) : {};
const regressed = values.check ? regressions(rows, medians) : [];
if (values.check) for (const { key } of rows) if (medians[key] === undefined) console.log(`NOT CHECKED ${key}: no stored median`);
for (const { key, ratio, stored } of regressed) {
  console.log(
    `REGRESSION ${key}: ratio ${ratio.toFixed(2)}, stored median ${stored.toFixed(2)}, allowed ${(stored * ALLOWED_GROWTH).toFixed(2)}`,
  );
}
const ratios = Object.fromEntries(rows.map((row) => [row.key, Number(ratioOf(row).toFixed(3))]));
console.log(JSON.stringify({ quick: values.quick, load: loadavg()[0], calibration, ratios, rows, failures, regressed }));
process.exit(failures.length > 0 || regressed.length > 0 ? 1 : 0);

async function endAll(): Promise<void> {
  for (let end = endings.pop(); end; end = endings.pop())
    await Promise.resolve(end()).catch((error: unknown) => context.say(String(error)));
}

function warnOfLoad(): void {
  if (loadavg()[0]! > cpus().length)
    console.log(`\nThe machine is busy with other work (load average ${load()}): times are too long, ratios are rough.`);
}

/** As root below a directory that PostgreSQL's account can reach, else in the tree. */
function scratch(): string {
  const parent = process.getuid?.() === 0 && process.platform === 'linux' ? SYSTEM_DATA : resolve('.flotilla');
  mkdirSync(parent, { recursive: true });
  const made = mkdtempSync(join(parent, 'bench-'));
  chmodSync(made, 0o711);
  return made;
}
