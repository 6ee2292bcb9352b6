import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const run = (command: string, ...args: string[]): { status: number; output: string } => {
  try {
    return { status: 0, output: execFileSync(command, args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }) };
  } catch (error) {
    const { status, stdout, stderr } = error as { status: number; stdout: string; stderr: string };
    return { status, output: stdout + stderr };
  }
};
const bin = (name: string): string => join(ROOT, 'node_modules', '.bin', name);

test('types hold in sources and tests', () => {
  expect(run(process.execPath, join(ROOT, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.check.json')).toEqual({
    status: 0,
    output: '',
  });
}, 120_000);

test('lint and format find nothing', () => {
  const { status, output } = run(bin('biome'), 'check', '--max-diagnostics=20', '.');
  expect(status, output).toBe(0);
}, 120_000);

test('project references follow the dependencies in package.json', () => {
  expect(run(process.execPath, 'tools/sync-references.mjs', '--check')).toEqual({ status: 0, output: '' });
});

describe('dependencies', () => {
  const manifests = ['libs', 'apps'].flatMap((kind) => readdirSync(join(ROOT, kind)).map((name) => join(kind, name, 'package.json')));
  const lock = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { deprecated?: string; license?: string; link?: boolean }>;
  };

  test.each(['package.json', ...manifests])('of %s are pinned to one version', (path) => {
    const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as Record<
      string,
      Record<string, string>
    >;
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(([name, version]) =>
      name.startsWith('@flotilla/') ? version !== '*' : !/^\d+\.\d+\.\d+/.test(version),
    );
    expect(loose).toEqual([]);
  });

  test('are not deprecated', () => {
    expect(Object.entries(lock.packages).filter(([, entry]) => entry.deprecated)).toEqual([]);
  });

  test('have licences that go with Apache-2.0', () => {
    const allowed =
      /^\(?(MIT|MIT-0|ISC|Apache-2\.0|BSD-[23]-Clause|0BSD|BlueOak-1\.0\.0|CC0-1\.0|CC-BY-4\.0|Python-2\.0|PSF-2\.0|Unlicense|PostgreSQL|MPL-2\.0)( (OR|AND) .*)?\)?$/;
    const others = Object.entries(lock.packages).filter(
      ([path, { license, link }]) => path.startsWith('node_modules/') && !link && license !== undefined && !allowed.test(license),
    );
    expect(others.map(([path, { license }]) => `${path}: ${license}`)).toEqual([]);
  });
});
