import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createProgram } from '@flotilla/cli';

type Command = ReturnType<typeof createProgram>;

/** Links of a page that lead nowhere: to no file, or to a heading that is not on the page they name. */
export function brokenLinks(root: string, path: string, text: string): string[] {
  return [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
    if (target.startsWith('https://')) return [];
    const [file = '', anchor] = target.split('#');
    const place = file === '' ? path : join(dirname(path), file);
    if (file !== '' && !existsSync(join(root, place))) return [target];
    if (anchor === undefined) return [];
    const page = file === '' ? text : readFileSync(join(root, place), 'utf8');
    return anchorsOf(page).includes(anchor) ? [] : [target];
  });
}

/** Headings as the places links point to. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title]) =>
    title!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

/** Files of the repository that a page names in code spans and that are not there. */
export function missingFiles(root: string, text: string): string[] {
  const named = [...text.matchAll(/`((?:apps|libs|test|tools|deploy|docs)\/[\w./-]+)`/g)].map(([, file]) => file!);
  return named.filter((file) => !existsSync(join(root, file)));
}

/** Lines that call the CLI with a command or option it does not have. */
export function wrongCommands(text: string): string[] {
  const program = createProgram({} as Parameters<typeof createProgram>[0]);
  return [...text.matchAll(/(?:npx flotilla|`flotilla) [^\n`|#<>]+/g)].flatMap(([line]) => {
    const words = line.slice(line.indexOf('flotilla ')).trim().split(/\s+/).slice(1);
    // The completion command is added where the program starts.
    if (words[0] === 'complete') return [];
    const { command, rest } = find(program, words);
    if (command.commands.length > 0) return [line];
    const options = command.options.flatMap(({ long, short }) => [long, short]);
    return rest.some((word) => /^--?[a-z]/.test(word) && !options.includes(word)) ? [line] : [];
  });
}

/** npm scripts a page runs that package.json does not have. */
export function missingScripts(root: string, text: string): string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  const named = [...text.matchAll(/npm (?:run ([a-z]+)|(test|start)\b)/g)].map(([, script, short]) => script ?? short!);
  return named.filter((script) => !(script in scripts));
}

function find(program: Command, words: readonly string[]): { command: Command; rest: readonly string[] } {
  const child = program.commands.find((candidate) => candidate.name() === words[0] || candidate.aliases().includes(words[0] ?? ''));
  return child ? find(child, words.slice(1)) : { command: program, rest: words };
}
