// Writes each package's tsconfig.json and the root one from the dependencies in package.json, so that `tsc -b` builds in the right order.
// With --check it writes nothing and exits 1 when a file would change.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { isDeepStrictEqual } from 'node:util';

const packages = new Map(
  ['libs', 'apps'].flatMap((kind) =>
    readdirSync(kind)
      .map((name) => join(kind, name))
      .filter((dir) => existsSync(join(dir, 'package.json')))
      .map((dir) => [JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')), dir])
      .map(([manifest, dir]) => [manifest.name, { dir, manifest }]),
  ),
);

const outdated = [];
function settle(path, value) {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  if (existsSync(path) && isDeepStrictEqual(JSON.parse(readFileSync(path, 'utf8')), value)) return;
  outdated.push(path);
  if (!process.argv.includes('--check')) writeFileSync(path, text);
}

for (const { dir, manifest } of packages.values()) {
  const references = Object.keys(manifest.dependencies ?? {})
    .filter((name) => packages.has(name))
    .sort()
    .map((name) => ({ path: relative(dir, packages.get(name).dir) }));
  settle(join(dir, 'tsconfig.json'), {
    extends: '../../tsconfig.base.json',
    compilerOptions: { rootDir: '.', outDir: 'dist', tsBuildInfoFile: 'dist/.tsbuildinfo' },
    include: ['src/**/*.ts', 'migrations/**/*.ts'],
    // What only tests use may need the testkit, which nothing that is shipped may.
    exclude: ['src/**/*.test.ts', 'src/**/testing/**', 'dist'],
    references,
  });
}
settle('tsconfig.json', {
  files: [],
  references: [...packages.values()].map(({ dir }) => ({ path: dir })).sort((a, b) => (a.path < b.path ? -1 : 1)),
});

if (outdated.length > 0) console.log(outdated.join('\n'));
if (process.argv.includes('--check') && outdated.length > 0) process.exit(1);
