import { execFile } from 'node:child_process';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

/** Commits are the demo's own, whatever Git configuration the machine has. */
const IDENTITY = {
  GIT_AUTHOR_NAME: 'Demo',
  GIT_AUTHOR_EMAIL: 'demo@example.com',
  GIT_COMMITTER_NAME: 'Demo',
  GIT_COMMITTER_EMAIL: 'demo@example.com',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
};

/** The local Git repository of the story: a working tree whose bare origin the hub fetches from. */
export class GitRepository {
  readonly #work: string;
  readonly #bare: string;

  private constructor(work: string, bare: string) {
    this.#work = work;
    this.#bare = bare;
  }

  static async create(directory: string, content: string): Promise<GitRepository> {
    const repository = new GitRepository(join(directory, 'fleet'), join(directory, 'fleet.git'));
    await mkdir(repository.#bare, { recursive: true });
    await repository.#git(repository.#bare, 'init', '--quiet', '--bare', '--initial-branch=main', '.');
    await cp(content, repository.#work, { recursive: true });
    await repository.#git(repository.#work, 'init', '--quiet', '--initial-branch=main', '.');
    await repository.#git(repository.#work, 'remote', 'add', 'origin', repository.#bare);
    return repository;
  }

  get url(): string {
    return pathToFileURL(this.#bare).href;
  }

  async edit(path: string, change: (text: string) => string): Promise<void> {
    const file = join(this.#work, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, change(await readFile(file, 'utf8')));
  }

  async remove(path: string): Promise<void> {
    await rm(join(this.#work, path), { recursive: true });
  }

  /** Commits everything, pushes, and returns the short commit. */
  async push(message: string): Promise<string> {
    await this.#git(this.#work, 'add', '--all');
    await this.#git(this.#work, 'commit', '--quiet', '-m', message);
    await this.#git(this.#work, 'push', '--quiet', 'origin', 'main');
    return (await this.#git(this.#work, 'rev-parse', '--short', 'HEAD')).trim();
  }

  async #git(cwd: string, ...args: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)('git', args, { cwd, env: { PATH: process.env.PATH, HOME: cwd, ...IDENTITY } });
    return stdout;
  }
}
