import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { SourceTree, TreeEntry } from '@flotilla/render';
import { GitUnavailableError, RefMissingError, RepositoryTooLargeError } from './git.errors.js';
import type { GitSetup } from './git-environment.js';
import type { GitRunner } from './git-runner.js';
import { ObjectReader } from './object-reader.js';
import { parseRemoteRefs, type RemoteRefs } from './remote-refs.js';

/** Files of one commit; more are refused. */
const MAX_TREE_ENTRIES = 200_000;
/** Packs a mirror may have before they are rolled up. */
const DEFAULT_MAX_PACKS = 32;
/** Trees kept in memory per mirror. */
const MAX_TREES = 8;
/** Commits remembered as being in the mirror. */
const MAX_PRESENT = 1_000;

/** One bare repository that mirrors a server's. Nothing is ever checked out; no hooks, no collection, no submodules. */
export class GitMirror {
  readonly dir: string;
  readonly repository: string;
  readonly #runner: GitRunner;
  readonly #reader: ObjectReader;
  readonly #maxPacks: number;
  readonly #trees = new Map<string, Promise<SourceTree>>();
  readonly #present = new Map<string, Promise<boolean>>();
  #ready: Promise<void> | undefined;

  constructor(runner: GitRunner, dir: string, repository: string, maxPacks = DEFAULT_MAX_PACKS) {
    this.#maxPacks = maxPacks;
    this.#runner = runner;
    this.dir = dir;
    this.repository = repository;
    this.#reader = new ObjectReader(runner, dir);
  }

  async remoteRefs(href: string, setup: GitSetup): Promise<RemoteRefs> {
    await this.#prepare();
    const out = await this.#runner.remote(this.dir, ['ls-remote', '--symref', '--', href], this.repository, setup);
    return parseRemoteRefs(out.toString());
  }

  /** Fetches refs of the server (or commits by name) in one call; refs land below `refs/remote/`. */
  async fetch(href: string, setup: GitSetup, wanted: readonly string[]): Promise<void> {
    await this.#prepare();
    const specs = wanted.map((name) => (name.startsWith('refs/') ? `+${name}:refs/remote/${name.slice(5)}` : name));
    const options = ['--no-tags', '--no-write-fetch-head', '--force', '--no-recurse-submodules', '--no-auto-maintenance', '--quiet'];
    try {
      await this.#runner.remote(this.dir, ['fetch', ...options, '--stdin', '--', href], this.repository, setup, `${specs.join('\n')}\n`);
    } catch (error) {
      await this.#removeTorn();
      throw error;
    }
    await this.#rollUp();
  }

  /** The commit a name leads to in the mirror: an object, or `refs/...` of the server as fetched last. */
  async commit(name: string): Promise<string | undefined> {
    await this.#prepare();
    const local = name.startsWith('refs/') ? `refs/remote/${name.slice(5)}` : name;
    const result = await this.#runner.local(this.dir, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${local}^{commit}`]);
    return result.code === 0 ? result.stdout.toString().trim() : undefined;
  }

  /** Whether a commit, by its whole name, is in the mirror. A mirror drops nothing, so Git is asked once for what is there. */
  has(commit: string): Promise<boolean> {
    const known = this.#present.get(commit);
    if (known) return known;
    const asked = this.#ask(commit);
    this.#present.set(commit, asked);
    const forget = (): void => void (this.#present.get(commit) === asked && this.#present.delete(commit));
    asked.then((isThere) => isThere || forget(), forget);
    for (const oldest of this.#present.keys()) {
      if (this.#present.size <= MAX_PRESENT) break;
      this.#present.delete(oldest);
    }
    return asked;
  }

  /** The files of a commit that is in the mirror. */
  tree(commit: string): Promise<SourceTree> {
    const known = this.#trees.get(commit);
    this.#trees.delete(commit);
    const tree = known ?? this.#readTree(commit);
    this.#trees.set(commit, tree);
    tree.catch(() => this.#trees.delete(commit));
    for (const oldest of this.#trees.keys()) {
      if (this.#trees.size <= MAX_TREES) break;
      this.#trees.delete(oldest);
    }
    return tree;
  }

  /**
   * Every path whose content, mode or existence differs between two commits, by their whole names; a rename is two of them.
   * Undefined when nobody can say: a commit is gone, or so much changed that Git's answer is cut off.
   */
  async changedPaths(from: string, to: string): Promise<string[] | undefined> {
    if (![from, to].every((commit) => /^[0-9a-f]{40,64}$/.test(commit))) return undefined;
    const options = ['-r', '-z', '--name-only', '--no-renames', '--no-ext-diff', '--ignore-submodules=none'];
    const result = await this.#runner.local(this.dir, ['diff-tree', ...options, from, to]);
    if (result.end !== 'exited' || result.code !== 0) return undefined;
    return result.stdout.toString().split('\0').filter(Boolean);
  }

  /** Paths of a commit that match git pathspecs, as `git ls-files -- PATTERN` gives them. */
  async matching(commit: string, patterns: readonly string[], scratch: string): Promise<string[]> {
    const env = { GIT_INDEX_FILE: `${scratch}/index`, GIT_WORK_TREE: scratch };
    const read = await this.#runner.local(this.dir, ['read-tree', '--end-of-options', commit], { env });
    if (read.code !== 0) throw new RefMissingError(`commit ${commit} of ${this.repository} is not in the mirror`, { commit });
    const listed = await this.#runner.local(this.dir, ['ls-files', '-z', '--full-name', '--', ...patterns], { env });
    if (listed.code !== 0) throw new RefMissingError(`${this.repository}: ${listed.stderr.trim().slice(0, 300)}`, { patterns });
    return listed.stdout.toString().split('\0').filter(Boolean);
  }

  close(): void {
    this.#reader.close();
  }

  /** A fetch that was killed leaves its unfinished pack behind; only one runs per mirror, so none of them is in use. */
  async #removeTorn(): Promise<void> {
    const packs = join(this.dir, 'objects', 'pack');
    const names = await readdir(packs).catch(() => []);
    await Promise.all(names.filter((name) => name.startsWith('tmp_')).map((name) => rm(join(packs, name), { force: true })));
  }

  /** Many small packs make reading slow. Nothing is dropped: pinned commits may have lost every ref. */
  async #rollUp(): Promise<void> {
    const names = await readdir(join(this.dir, 'objects', 'pack'));
    if (names.filter((name) => name.endsWith('.pack')).length <= this.#maxPacks) return;
    // A roll-up that fails leaves the packs as they are.
    await this.#runner.local(this.dir, ['repack', '--geometric=2', '-d', '--quiet']);
  }

  async #ask(commit: string): Promise<boolean> {
    await this.#prepare();
    const result = await this.#runner.local(this.dir, ['cat-file', '-e', `${commit}^{commit}`]);
    return result.code === 0;
  }

  async #readTree(commit: string): Promise<SourceTree> {
    const result = await this.#runner.local(this.dir, ['ls-tree', '-r', '-z', '--long', '--full-tree', '--end-of-options', commit]);
    if (result.end === 'output') throw this.#tooLarge(commit);
    if (result.code !== 0) this.#present.delete(commit);
    if (result.code !== 0) throw new RefMissingError(`commit ${commit} of ${this.repository} is not in the mirror`, { commit });
    const entries = new Map<string, TreeEntry>();
    for (const line of result.stdout.toString().split('\0')) {
      const [, mode, object, size, path] = /^(\d{6}) \w+ ([0-9a-f]+)\s+(\d+|-)\t(.+)$/s.exec(line) ?? [];
      if (mode === undefined || object === undefined || path === undefined || !isSafePath(path)) continue;
      entries.set(path, { path, mode, object, size: Number(size) || 0 });
    }
    if (entries.size > MAX_TREE_ENTRIES) throw this.#tooLarge(commit);
    return { entries, read: ({ object }) => this.#reader.read(object) };
  }

  #tooLarge(commit: string): RepositoryTooLargeError {
    return new RepositoryTooLargeError(`commit ${commit} of ${this.repository} holds more than ${MAX_TREE_ENTRIES} files`, { commit });
  }

  #prepare(): Promise<void> {
    this.#ready ??= this.#init();
    this.#ready.catch(() => {
      this.#ready = undefined;
    });
    return this.#ready;
  }

  async #init(): Promise<void> {
    await mkdir(this.dir, { recursive: true, mode: 0o700 });
    const result = await this.#runner.local(this.dir, ['init', '--quiet', '--bare', '--template=', '--initial-branch=main']);
    if (result.code !== 0)
      throw new GitUnavailableError(`cannot make a mirror of ${this.repository}: ${result.stderr.trim().slice(0, 300)}`);
  }
}

/** Git itself refuses to make such paths; a hostile server can still send them, and nothing may ever be written there. */
function isSafePath(path: string): boolean {
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git');
}
