import { execFile } from 'node:child_process';
import { existsSync, lstatSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FileGlobs, RepositoryFile } from '@flotilla/generators';
import { InvalidInputError, messageOf, NotFoundError } from '@flotilla/kernel';
import { compilePathPattern } from '@flotilla/selector';

/** Variables that git runs with. */
export type Environment = Readonly<Record<string, string | undefined>>;

const NO_REPOSITORY = 'not a git repository';
/** Characters shown of what git says. */
const MAX_REASON = 500;
const MAX_OUTPUT = 64 * 1024 * 1024;
/** As many files, of as many bytes, as the hub reads for one generator. */
const MAX_FILES = 5_000;
const MAX_BYTES = 16 * 1024 * 1024;

/** Where content is read from: commits alone, the work tree too, or files that no repository knows. */
type Kind = 'commits' | 'work-tree' | 'files';

/**
 * A repository on this machine that stands for one in a manifest. `HEAD` of one with a work tree is the work tree itself,
 * changes that are not committed yet included; other revisions are its branches, tags and commits. A directory that is no
 * repository has one content, which answers every revision.
 */
export class LocalRepository {
  readonly #directory: string;
  readonly #env: Environment;
  #kind: Promise<Kind> | undefined;

  /** @param env what git runs with: at least PATH */
  constructor(directory: string, env: Environment) {
    this.#directory = directory;
    this.#env = env;
  }

  /** Every directory, without leading or trailing slash. */
  async directories(revision: string): Promise<string[]> {
    const commit = await this.#commitOf(revision);
    const paths = commit ? split(await this.#git(['ls-tree', '-r', '-z', '--name-only', commit])) : await this.#presentFiles([]);
    const directories = new Set<string>();
    for (const path of paths) {
      for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) directories.add(path.slice(0, at));
    }
    return [...directories].sort();
  }

  /** Files that git's own pathspecs select, or patterns in which `**` crosses directories. */
  async files(
    revision: string,
    patterns: readonly string[],
    exclude: readonly string[],
    globs: FileGlobs = 'pathspec',
  ): Promise<RepositoryFile[]> {
    const commit = await this.#commitOf(revision);
    const match = globs === 'doublestar' ? this.#matchingGlobs : this.#matching;
    const left = exclude.length > 0 ? await match.call(this, commit, exclude) : new Map<string, string>();
    const selected = new Map([...(await match.call(this, commit, patterns))].filter(([path]) => !left.has(path)));
    const paths = [...selected.keys()].sort();
    if (paths.length > MAX_FILES) throw new InvalidInputError(`the patterns select ${paths.length} files; at most ${MAX_FILES} are read`);
    if (commit) return this.#readBlobs(paths.flatMap((path) => (selected.get(path) === '' ? [] : [{ path, blob: selected.get(path)! }])));
    const files: RepositoryFile[] = [];
    let bytes = 0;
    for (const path of paths) {
      const size = sizeInside(this.#directory, path);
      if (size === undefined) continue;
      bytes += size;
      if (bytes > MAX_BYTES) throw tooLarge();
      files.push({ path, text: readFileSync(join(this.#directory, path), 'utf8') });
    }
    return files;
  }

  /** One process reads all of them. */
  async #readBlobs(files: readonly { path: string; blob: string }[]): Promise<RepositoryFile[]> {
    if (files.length === 0) return [];
    const blobs = files.map(({ blob }) => blob).join('\n');
    const sizes = (await this.#git(['cat-file', '--batch-check=%(objectsize)'], {}, blobs)).trim().split('\n');
    const missing = files.find((_, i) => !/^\d+$/.test(sizes[i] ?? ''));
    if (missing) throw new InvalidInputError(`${this.#directory} lacks the content of ${missing.path}; fetch it, as from a partial clone`);
    if (sizes.reduce((sum, size) => sum + Number(size), 0) > MAX_BYTES) throw tooLarge();
    const answer = Buffer.from(await this.#git(['cat-file', '--batch'], {}, blobs), 'latin1');
    let at = 0;
    return files.map(({ path }) => {
      const start = answer.indexOf(10, at) + 1;
      const size = Number(answer.toString('latin1', at, start - 1).split(' ')[2]);
      at = start + size + 1;
      return { path, text: answer.toString('utf8', start, start + size) };
    });
  }

  /** Paths with their blobs; '' where there is none, as for a link and in the work tree. */
  async #matching(commit: string | undefined, patterns: readonly string[]): Promise<Map<string, string>> {
    if (!commit) return new Map((await this.#presentFiles(patterns)).map((path) => [path, '']));
    // Pathspecs select from an index, which the commit gets for the moment.
    return inScratch(async (scratch) => {
      const index = { GIT_INDEX_FILE: join(scratch, 'index') };
      await this.#git(['read-tree', commit], index);
      return new Map(split(await this.#git(['ls-files', '-z', '-s', '--', ...patterns], index)).map(readEntry));
    });
  }

  /** Files that lie in the directory now, but for ignored ones. Where there is no repository, one is made up for the moment. */
  async #presentFiles(patterns: readonly string[]): Promise<string[]> {
    const listing = ['ls-files', '-z', '-c', '-o', '--exclude-standard', '--', ...patterns];
    if ((await this.#kindOf()) !== 'files') return split(await this.#git(listing));
    return inScratch(async (scratch) => {
      await this.#git(['init', '-q', '--bare', scratch]);
      return split(await this.#git(listing, { GIT_DIR: scratch, GIT_WORK_TREE: this.#directory }));
    });
  }

  #kindOf(): Promise<Kind> {
    this.#kind ??= this.#findKind();
    return this.#kind;
  }

  async #findKind(): Promise<Kind> {
    if (!statSync(this.#directory, { throwIfNoEntry: false })?.isDirectory())
      throw new InvalidInputError(`${this.#directory} is no directory`, { field: 'repoURL' });
    try {
      return (await this.#git(['rev-parse', '--is-inside-work-tree'])).trim() === 'true' ? 'work-tree' : 'commits';
    } catch (error) {
      // One that is damaged has content that nobody can tell from what lies around it.
      if (messageOf(error).includes(NO_REPOSITORY) && !existsSync(join(this.#directory, '.git'))) return 'files';
      throw error;
    }
  }

  async #matchingGlobs(commit: string | undefined, patterns: readonly string[]): Promise<Map<string, string>> {
    const compiled = patterns.map((pattern) => compilePathPattern(pattern));
    return new Map([...(await this.#matching(commit, []))].filter(([path]) => compiled.some((matches) => matches(path))));
  }

  /** Undefined for the work tree. @throws NotFoundError */
  async #commitOf(revision: string): Promise<string | undefined> {
    const name = revision === '' ? 'HEAD' : revision;
    const kind = await this.#kindOf();
    if (kind === 'files' || (name === 'HEAD' && kind === 'work-tree')) return undefined;
    const candidates = name === 'HEAD' ? [name] : [`refs/heads/${name}`, `refs/tags/${name}`, `refs/remotes/origin/${name}`, name];
    for (const candidate of candidates) {
      const commit = await this.#git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${candidate}^{commit}`]).catch(() => '');
      if (commit !== '') return commit.trim();
    }
    throw new NotFoundError(`${this.#directory} has no branch, tag or commit ${JSON.stringify(name)}`, { field: 'revision' });
  }

  /** Without `input` the output is text; with it, which is for blobs, each byte is one character. */
  async #git(args: readonly string[], env: Record<string, string> = {}, input?: string): Promise<string> {
    const options = { cwd: this.#directory, maxBuffer: MAX_OUTPUT, env: { ...this.#env, GIT_OPTIONAL_LOCKS: '0', LC_ALL: 'C', ...env } };
    try {
      const running = promisify(execFile)('git', ['-c', 'core.fsmonitor=false', ...args], {
        ...options,
        encoding: input === undefined ? 'utf8' : 'latin1',
      });
      if (input !== undefined) running.child.stdin?.end(`${input}\n`);
      return (await running).stdout;
    } catch (error) {
      throw new InvalidInputError(`git ${args[0]} in ${this.#directory}: ${reasonOf(error)}`);
    }
  }
}

/** What git says, which is in English because of LC_ALL, without the command line around it. */
function reasonOf(error: unknown): string {
  const { stderr } = error as { stderr?: unknown };
  const said = typeof stderr === 'string' ? stderr.trim() : '';
  return said === '' ? messageOf(error) : said.replace(/^fatal: /gm, '').slice(0, MAX_REASON);
}

async function inScratch<T>(run: (directory: string) => Promise<T>): Promise<T> {
  const scratch = mkdtempSync(join(tmpdir(), 'flotilla-git-'));
  try {
    return await run(scratch);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** `MODE BLOB STAGE<tab>PATH`; only plain files have a content. */
function readEntry(line: string): [string, string] {
  const tab = line.indexOf('\t');
  const [mode = '', blob = ''] = line.slice(0, tab).split(' ');
  return [line.slice(tab + 1), mode.startsWith('100') ? blob : ''];
}

const tooLarge = (): InvalidInputError => new InvalidInputError(`the patterns select more than ${MAX_BYTES} bytes`);

/**
 * Bytes of a plain file; undefined for a link, for a file that was deleted and not yet committed, and for what lies elsewhere
 * because a directory on the way is a link: whoever writes the repository must not choose among the other files of this machine.
 */
function sizeInside(directory: string, path: string): number | undefined {
  const stats = lstatSync(join(directory, path), { throwIfNoEntry: false });
  if (!stats?.isFile()) return undefined;
  return realpathSync(join(directory, path)) === join(realpathSync(directory), path) ? stats.size : undefined;
}

const split = (text: string): string[] => text.split('\0').filter((path) => path !== '');
