import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createProgram } from '@flotilla/cli';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const pages = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: ROOT })].toSorted();
const written = pages.filter((path) => !path.startsWith('docs/reference/'));
const textOf = (path: string): string => readFileSync(join(ROOT, path), 'utf8');

type Command = ReturnType<typeof createProgram>;

/** Headings as the places links point to. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

describe.each(pages)('%s', (path) => {
  it('links only to pages and headings that are there', () => {
    for (const [, target = ''] of textOf(path).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (target.startsWith('https://')) continue;
      const [file = '', anchor] = target.split('#');
      const place = file === '' ? path : join(dirname(path), file);
      expect(existsSync(join(ROOT, place)), target).toBe(true);
      if (anchor !== undefined) expect(anchorsOf(textOf(place)), target).toContain(anchor);
    }
  });
});

describe.each(written)('%s, written by hand,', (path) => {
  it('names only files that are there', () => {
    const named = [...textOf(path).matchAll(/`((?:apps|libs|test|tools|deploy|docs)\/[\w./-]+)`/g)].map(([, file]) => file!);
    expect(named.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  it('shows only commands and options that the CLI has', () => {
    const program = createProgram({} as Parameters<typeof createProgram>[0]);
    for (const [line] of textOf(path).matchAll(/(?:npx flotilla|`flotilla) [^\n`|#]+/g)) {
      const words = line.replace(/^\S*?(npx )?flotilla /, '').trim().split(/\s+/);
      if (words[0] === 'complete') continue;
      const { command, rest } = find(program, words);
      expect(command.commands, line).toEqual([]);
      const options = command.options.flatMap(({ long, short }) => [long, short]);
      for (const option of rest.filter((word) => /^--?[a-z]/.test(word))) expect(options, line).toContain(option);
    }
  });

  it('runs only scripts that package.json has', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const named = [...textOf(path).matchAll(/npm (?:run ([a-z]+)|(test|start)\b)/g)].map(([, script, short]) => script ?? short!);
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });
});

function find(program: Command, words: readonly string[]): { command: Command; rest: readonly string[] } {
  const child = program.commands.find((candidate) => candidate.name() === words[0] || candidate.aliases().includes(words[0] ?? ''));
  return child ? find(child, words.slice(1)) : { command: program, rest: words };
}
