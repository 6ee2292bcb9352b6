import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { checkFiles, crowdedFolders, FILE_RULES, MEDIAN_LINES, medianLines, type SourceFile, sourceFiles } from './file-rules.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const files = sourceFiles(ROOT);

test('files keep their names, budgets and habits', () => {
  expect(files.length).toBeGreaterThan(300);
  expect(checkFiles(files)).toEqual([]);
}, 60_000);

test('folders are not crowded and the usual file is short', () => {
  expect(crowdedFolders(files)).toEqual([]);
  expect(medianLines(files)).toBeLessThanOrEqual(MEDIAN_LINES);
});

describe('a planted violation fires', () => {
  const long = (line: string, count: number): string => Array.from({ length: count }, (_, i) => line.replace('$', String(i))).join('\n');
  const planted: Record<string, SourceFile> = {
    'file-name': { path: 'libs/kube/src/DoThings.ts', text: '' },
    'no-drawer-names': { path: 'libs/kube/src/string-utils.ts', text: '' },
    'file-lines': { path: 'libs/kube/src/long.ts', text: long('export const a$ = 1;', 300) },
    'function-lines': { path: 'libs/kube/src/long.ts', text: `export function much() {\n${long('  f($);', 70)}\n}\n` },
    'constructor-parameters': {
      path: 'libs/kube/src/wide.ts',
      text: 'export class A { constructor(a: 1, b: 1, c: 1, d: 1, e: 1, f: 1) {} }',
    },
    'no-default-export': { path: 'libs/kube/src/a.ts', text: 'export default 1;' },
    'no-export-star': { path: 'libs/kube/src/a.ts', text: "export * from './b.js';" },
    'no-any': { path: 'libs/kube/src/a.ts', text: 'export const a: any = 1;' },
    'no-mocks': { path: 'libs/kube/src/a.test.ts', text: `vi.${'fn'}()` },
    'no-skipped-tests': { path: 'libs/kube/src/a.test.ts', text: `test.${'skip'}('x')` },
    'no-leftovers': { path: 'libs/kube/src/a.ts', text: `// ${'TO'}${'DO'} later` },
    'no-forward-ref': { path: 'apps/hub/src/a.module.ts', text: `forwardRef${'('}() => A)` },
    'no-synchronize': { path: 'libs/persistence/src/a.ts', text: `synchronize: ${'true'}` },
    'no-unverified-tls': { path: 'libs/http/src/a.ts', text: `rejectUnauthorized: ${'false'}` },
    'no-shell': { path: 'libs/sandbox/src/a.ts', text: `spawn('x', { shell: ${'true'} })` },
    'environment-in-config': { path: 'apps/registry/src/a.ts', text: 'process.env.HOME' },
    'decorators-at-the-edge': { path: 'apps/registry/src/use-case.ts', text: `@${'Injectable'}()\nexport class A {}` },
  };
  test.each(FILE_RULES.map(({ name }) => name))('%s', (name) => {
    expect(checkFiles([planted[name]!]).map((finding) => finding.split(':')[0])).toContain(name);
  });
});
