// Brings node_modules in line with package-lock.json.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE, fail, ROOT, run, say } from './system.mjs';

const STAMP = join(ROOT, 'node_modules', '.flotilla-lock');
export const NODE = join(ROOT, 'node_modules', 'node', 'bin', 'node');

/** Runs `npm ci` unless the installed tree is the lock file's. */
export function ensureDependencies({ install }) {
  const digest = createHash('sha256')
    .update(readFileSync(join(ROOT, 'package-lock.json')))
    .digest('hex');
  if (existsSync(NODE) && existsSync(STAMP) && readFileSync(STAMP, 'utf8') === digest) return;
  if (!install) fail('dependencies are missing or older than package-lock.json and --no-install was given; run `npm ci`');
  say('dependencies: npm ci (about 420 packages of package-lock.json, integrity checked by npm)');
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--no-update-notifier', '--cache', join(CACHE, 'npm')];
  if (!run('npm', args, { cwd: ROOT })) fail('npm ci failed; its output above says why');
  writeFileSync(STAMP, digest);
}
