import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { FileGlobs, RepositoryFile } from '@flotilla/generators';
import { InvalidInputError, messageOf, NotFoundError } from '@flotilla/kernel';
import { compilePathPattern } from '@flotilla/selector';

type Environment = Readonly<Record<string, string | undefined>>;

const MAX_OUTPUT = 64 * 1024 * 1024;
/** As many files, of as many bytes, as the hub reads for one generator. */
const MAX_FILES = 5_000;
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * A repository on this machine that stands for one in a manifest. `HEAD` of one with a work tree is the work tree itself,
 * changes that are not committed yet included; other revisions are its branches, tags and commits.
 */
export class LocalRepository {
  readonly #directory: string;
  readonly #env: Environment;
  #isBare: Promise<boolean> | undefined;

  /** @param env what git runs with: at least PATH */
  constructor(directory: string, env: Environment) {
    this.#directory = directory;
    this.#env = env;
  }

  /** Every directory, without leading or trailing slash. */
  async directories(revision: string): Promise<string[]> {
    const commit = await this.#commitOf(revision);
    const listing = commit ? ['ls-tree', '-r', '-z', '--name-only', commit] : ['ls-files', '-z', '-c', '-o', '--exclude-standard'];
    const directories = new Set<string>();
    for (const path of split(await this.#git(listing))) {
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
      const text = readWorkTree(join(this.#directory, path));
      if (text === undefined) continue;
      bytes += text.length;
      if (bytes > MAX_BYTES) throw tooLarge();
      files.push({ path, text });
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
    if (!commit) {
      const paths = split(await this.#git(['ls-files', '-z', '-c', '-o', '--exclude-standard', '--', ...patterns]));
      return new Map(paths.map((path) => [path, '']));
    }
    // Pathspecs select from an index, which the commit gets for the moment.
    const scratch = mkdtempSync(join(tmpdir(), 'flotilla-index-'));
    try {
      const index = { GIT_INDEX_FILE: join(scratch, 'index') };
      await this.#git(['read-tree', commit], index);
      return new Map(split(await this.#git(['ls-files', '-z', '-s', '--', ...patterns], index)).map(readEntry));
    } finally {
      rmSync(scratch, { recursive: true, force: true });
    }
  }

  async #matchingGlobs(commit: string | undefined, patterns: readonly string[]): Promise<Map<string, string>> {
    const compiled = patterns.map((pattern) => compilePathPattern(pattern));
    return new Map([...(await this.#matching(commit, []))].filter(([path]) => compiled.some((matches) => matches(path))));
  }

  /** Undefined for the work tree. @throws NotFoundError */
  async #commitOf(revision: string): Promise<string | undefined> {
    const name = revision === '' ? 'HEAD' : revision;
    this.#isBare ??= this.#git(['rev-parse', '--is-bare-repository']).then((text) => text.trim() === 'true');
    if (name === 'HEAD' && !(await this.#isBare)) return undefined;
    const candidates = name === 'HEAD' ? [name] : [`refs/heads/${name}`, `refs/tags/${name}`, `refs/remotes/origin/${name}`, name];
    for (const candidate of candidates) {
      const commit = await this.#git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${candidate}^{commit}`]).catch(() => '');
      if (commit !== '') return commit.trim();
    }
    throw new NotFoundError(`${this.#directory} has no branch, tag or commit ${JSON.stringify(name)}`, { field: 'revision' });
  }

  /** Without `input` the output is text; with it, which is for blobs, each byte is one character. */
  async #git(args: readonly string[], env: Record<string, string> = {}, input?: string): Promise<string> {
    const options = { cwd: this.#directory, maxBuffer: MAX_OUTPUT, env: { ...this.#env, GIT_OPTIONAL_LOCKS: '0', ...env } };
    try {
      const running = promisify(execFile)('git', ['-c', 'core.fsmonitor=false', ...args], {
        ...options,
        encoding: input === undefined ? 'utf8' : 'latin1',
      });
      if (input !== undefined) running.child.stdin?.end(`${input}\n`);
      return (await running).stdout;
    } catch (error) {
      throw new InvalidInputError(`git ${args[0]} in ${this.#directory}: ${messageOf(error)}`);
    }
  }
}

/** `MODE BLOB STAGE<tab>PATH`; only plain files have a content. */
function readEntry(line: string): [string, string] {
  const tab = line.indexOf('\t');
  const [mode = '', blob = ''] = line.slice(0, tab).split(' ');
  return [line.slice(tab + 1), mode.startsWith('100') ? blob : ''];
}

const tooLarge = (): InvalidInputError => new InvalidInputError(`the patterns select more than ${MAX_BYTES} bytes`);

/** Undefined for what is no plain file, such as a link or a file that was deleted and not yet committed. */
function readWorkTree(path: string): string | undefined {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() ? readFileSync(path, 'utf8') : undefined;
}

const split = (text: string): string[] => text.split('\0').filter((path) => path !== '');
