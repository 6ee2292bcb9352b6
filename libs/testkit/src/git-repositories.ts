import { execFile, spawn } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** One file of a commit: its text or bytes, an executable, a symbolic link, a submodule, or null to delete the path. */
export type GitFile = string | Uint8Array | { executable: string } | { symlink: string } | { submodule: string } | null;

export interface GitRepository {
  name: string;
  /** The bare repository's directory. */
  dir: string;
  httpUrl: string;
  sshUrl: string;
  fileUrl: string;
}

/** Writes to bare repositories by `git fast-import`: no working tree, no index, no identity of this machine. */
export class GitRepositories {
  readonly root: string;
  #clock = Date.UTC(2026, 0, 1) / 1000;

  constructor(root: string) {
    this.root = root;
  }

  async init(name: string): Promise<string> {
    if (!/^[\w.-]+(\/[\w.-]+)*$/.test(name) || name.includes('..')) throw new Error(`${name} is no repository name`);
    const dir = join(this.root, `${name}.git`);
    await mkdir(dir, { recursive: true });
    await this.git(dir, ['init', '--quiet', '--bare', '--initial-branch=main']);
    await this.git(dir, ['config', 'uploadpack.allowAnySHA1InWant', 'true']);
    await this.git(dir, ['config', 'uploadpack.allowFilter', 'true']);
    return dir;
  }

  /** Applies `files` over the branch's tree (of an orphan when `parent` is null) and returns the new commit. */
  async commit(
    repository: Pick<GitRepository, 'dir'>,
    files: Readonly<Record<string, GitFile>>,
    message = 'change',
    options: { branch?: string; parent?: string | null } = {},
  ): Promise<string> {
    const ref = `refs/heads/${options.branch ?? 'main'}`;
    const parent = options.parent === undefined ? await this.resolve(repository, ref) : options.parent;
    const chunks: (string | Uint8Array)[] = [
      `commit ${ref}\ncommitter Test <test@example.com> ${this.#clock++} +0000\n`,
      ...data(message),
      parent ? `from ${parent}\n` : '',
    ];
    for (const [path, file] of Object.entries(files)) chunks.push(...change(path, file));
    await feed(repository.dir, ['fast-import', '--quiet', '--force'], chunks);
    return (await this.git(repository.dir, ['rev-parse', ref])).trim();
  }

  async branch(repository: Pick<GitRepository, 'dir'>, name: string, at = 'main'): Promise<void> {
    await this.git(repository.dir, ['update-ref', `refs/heads/${name}`, `${at}^{commit}`]);
  }

  /** An annotated tag when `message` is given; an existing tag is moved. */
  async tag(repository: Pick<GitRepository, 'dir'>, name: string, at = 'main', message?: string): Promise<void> {
    const identity = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
    await this.git(repository.dir, [...identity, 'tag', '--force', ...(message ? ['-a', '-m', message] : []), name, at]);
  }

  /** Moves a branch to any commit, as a forced push does. */
  async forcePush(repository: Pick<GitRepository, 'dir'>, branch: string, commit: string): Promise<void> {
    await this.git(repository.dir, ['update-ref', `refs/heads/${branch}`, commit]);
  }

  async deleteRef(repository: Pick<GitRepository, 'dir'>, ref: string): Promise<void> {
    await this.git(repository.dir, ['update-ref', '-d', ref]);
  }

  async resolve(repository: Pick<GitRepository, 'dir'>, ref: string): Promise<string | null> {
    return this.git(repository.dir, ['rev-parse', '--verify', '--quiet', `${ref}^{commit}`]).then(
      (out) => out.trim(),
      () => null,
    );
  }

  /** Any plumbing command in a repository, for hostile objects. */
  async git(dir: string, argv: readonly string[], input?: string | Uint8Array): Promise<string> {
    if (input !== undefined) return feed(dir, argv, [input]);
    const { stdout } = await run('git', ['-C', dir, ...argv], { env: gitEnvironment(), maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  }
}

/** Only PATH: no user or system configuration of the machine takes part. */
export function gitEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', HOME: '/nonexistent', LC_ALL: 'C' };
}

function change(path: string, file: GitFile): (string | Uint8Array)[] {
  const quoted = `"${path.replace(/["\\]/g, '\\$&')}"`;
  if (file === null) return [`D ${quoted}\n`];
  if (typeof file === 'string' || file instanceof Uint8Array) return [`M 100644 inline ${quoted}\n`, ...data(file)];
  if ('executable' in file) return [`M 100755 inline ${quoted}\n`, ...data(file.executable)];
  if ('symlink' in file) return [`M 120000 inline ${quoted}\n`, ...data(file.symlink)];
  return [`M 160000 ${file.submodule} ${quoted}\n`];
}

function data(content: string | Uint8Array): (string | Uint8Array)[] {
  return [`data ${Buffer.byteLength(content)}\n`, content, '\n'];
}

function feed(dir: string, argv: readonly string[], chunks: readonly (string | Uint8Array)[]): Promise<string> {
  const child = spawn('git', ['-C', dir, ...argv], { env: gitEnvironment(), stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (bytes: Buffer) => {
    stdout += bytes;
  });
  child.stderr.on('data', (bytes: Buffer) => {
    stderr += bytes;
  });
  for (const chunk of chunks) child.stdin.write(chunk);
  child.stdin.end();
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve(stdout) : reject(new Error(`git ${argv[0]} ended with ${code}: ${stderr}`))));
  });
}
