// Writes docs/reference from the code, without a build. With --check it writes nothing and exits 1 when a file would change.
// usage: npm exec -- node tools/reference.mjs [--check]
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runnerImport } from 'vite';
import { ROOT } from './lib/system.mjs';

const DIRECTORY = join(ROOT, 'docs', 'reference');
const conditions = ['@flotilla/source'];

const { module } = await runnerImport(join(ROOT, 'test', 'contracts', 'reference', 'reference-pages.ts'), {
  root: ROOT,
  configFile: false,
  logLevel: 'error',
  resolve: { conditions, noExternal: [/@flotilla\//] },
  ssr: { resolve: { conditions, externalConditions: conditions } },
});

const outdated = [];
mkdirSync(DIRECTORY, { recursive: true });
for (const { path, text } of module.referencePages()) {
  const file = join(DIRECTORY, path);
  if (textOf(file) === text) continue;
  outdated.push(join('docs', 'reference', path));
  if (!process.argv.includes('--check')) writeFileSync(file, text);
}
if (outdated.length > 0) console.log(outdated.join('\n'));
process.exit(process.argv.includes('--check') && outdated.length > 0 ? 1 : 0);

function textOf(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}
