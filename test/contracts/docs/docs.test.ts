import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { brokenLinks, missingFiles, missingScripts, wrongCommands } from './check-page.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const pages = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: ROOT })].toSorted();
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

describe.each(pages)('%s', (path) => {
  it('links only to pages and headings that are there', () => {
    expect(brokenLinks(ROOT, path, textOf(path))).toEqual([]);
  });
});

describe.each(pages.filter((path) => !path.startsWith('docs/reference/')))('%s, written by hand,', (path) => {
  it('names only files, commands, options and scripts that are there', () => {
    const text = textOf(path);
    expect({ files: missingFiles(ROOT, text), commands: wrongCommands(text), scripts: missingScripts(ROOT, text) }).toEqual({
      files: [],
      commands: [],
      scripts: [],
    });
  });
});

it('finds what is planted', () => {
  expect(brokenLinks(ROOT, 'docs/x.md', '# A b\n[1](../LICENSE) [2](#a-b) [3](nowhere.md) [4](#c) [5](user-guide.md#nothing)')).toEqual([
    'nowhere.md',
    '#c',
    'user-guide.md#nothing',
  ]);
  expect(missingFiles(ROOT, '`apps/cli/src/main.ts` `apps/cli/src/man.ts`')).toEqual(['apps/cli/src/man.ts']);
  expect(wrongCommands('npx flotilla app list -l a=b\nnpx flotilla app lst\n`flotilla app sync web --prun`\nnpx flotilla rollout')).toEqual(
    ['npx flotilla app lst', '`flotilla app sync web --prun', 'npx flotilla rollout'],
  );
  expect(missingScripts(ROOT, 'npm start, npm run demo, npm run dmeo')).toEqual(['dmeo']);
});
