import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { messageOf, UnavailableError } from '@flotilla/kernel';
import { type Account, findPostgres, freePort, reachableBinaries, serverAccount } from '@flotilla/localserver';

const READY_LIMIT_MS = 20_000;
const POLL_MS = 15;

/** A PostgreSQL server of a test's own, on a loopback port, with superuser `postgres` and no password. */
export interface PostgresServer {
  readonly url: string;
  /** Ends the server with a signal and waits until it is gone: SIGKILL is a crash, SIGINT an orderly shutdown. */
  kill(signal?: NodeJS.Signals): Promise<void>;
  /** Starts the same data on the same port again, after `kill` if it runs. */
  restart(): Promise<void>;
  /** Ends the server and removes its data. */
  stop(): Promise<void>;
}

/** Starts a server with fresh data; when this process dies without `stop`, the server and its data go too. */
export async function startPostgres(): Promise<PostgresServer> {
  const account = await serverAccount();
  const directory = await mkdtemp(join(tmpdir(), 'flotilla-postgres-'));
  if (account.uid !== undefined) await chown(directory, account.uid, account.gid ?? account.uid);
  watchOver(directory);
  try {
    const binaries = await reachableBinaries(await findPostgres(), account, directory);
    const server = new LocalServer(binaries, directory, account, await freePort());
    await server.initialise();
    await server.restart();
    return server;
  } catch (error) {
    await rm(directory, { recursive: true, force: true });
    throw error;
  }
}

class LocalServer implements PostgresServer {
  readonly url: string;
  readonly #binaries: string;
  readonly #directory: string;
  readonly #data: string;
  readonly #account: Account;
  readonly #port: number;
  #process: ChildProcess | undefined;

  constructor(binaries: string, directory: string, account: Account, port: number) {
    this.url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
    this.#binaries = binaries;
    this.#directory = directory;
    this.#data = join(directory, 'data');
    this.#account = account;
    this.#port = port;
  }

  async initialise(): Promise<void> {
    const options = ['-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync', '--no-instructions'];
    await promisify(execFile)(join(this.#binaries, 'initdb'), ['-D', this.#data, ...options], { ...this.#account, cwd: this.#directory });
  }

  async restart(): Promise<void> {
    await this.kill();
    const deadline = Date.now() + READY_LIMIT_MS;
    // After a crash, backends that still end hold the shared memory for a moment and a new server refuses to start.
    while (!(await this.#start(deadline))) {
      if (Date.now() > deadline) throw new UnavailableError(`PostgreSQL did not start on port ${this.#port}: ${await this.#log()}`);
      await delay(50);
    }
  }

  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    // Backends outlive a killed server by a moment, in which they may even commit: a crash takes them along.
    const backends = signal === 'SIGKILL' ? await childrenOf(child.pid) : [];
    child.kill(signal);
    for (const pid of backends) killIfAlive(pid);
    await exited;
  }

  async stop(): Promise<void> {
    await this.kill('SIGQUIT');
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 5 });
  }

  async #start(deadline: number): Promise<boolean> {
    const log = openSync(join(this.#directory, 'log'), 'a');
    const child = spawn(join(this.#binaries, 'postgres'), ['-D', this.#data, ...settings(this.#port)], {
      ...this.#account,
      cwd: this.#directory,
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    child.unref();
    await once(child, 'spawn');
    this.#process = child;
    while (child.exitCode === null && child.signalCode === null && Date.now() < deadline) {
      if (await this.#isReady(child)) return true;
      await delay(POLL_MS);
    }
    await this.kill();
    return false;
  }

  /** The eighth line of postmaster.pid is the server's own word, as pg_ctl reads it. */
  async #isReady(child: ChildProcess): Promise<boolean> {
    const lines = (await readFile(join(this.#data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
    return lines[0] === String(child.pid) && lines[7]?.trim() === 'ready';
  }

  async #log(): Promise<string> {
    const text = await readFile(join(this.#directory, 'log'), 'utf8').catch(messageOf);
    return text.slice(-2000);
  }
}

/** What only durability across a power cut would need is off; what a crash of the process needs stays on. */
function settings(port: number): string[] {
  const values = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 300,
    fsync: 'off',
    full_page_writes: 'off',
    shared_buffers: '64MB',
    max_wal_size: '256MB',
    autovacuum_naptime: '60s',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Has the directory, and the server whose data lies in it, removed when this process is gone. */
export function watchOver(directory: string): void {
  const script = fileURLToPath(new URL(`./postgres-watchdog${extname(import.meta.url)}`, import.meta.url));
  const child = spawn(process.execPath, [script, String(process.pid), directory], { stdio: 'ignore', detached: true, cwd: tmpdir() });
  child.unref();
}

/** Only Linux tells; elsewhere backends end by themselves. */
async function childrenOf(pid: number | undefined): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text
    .split(' ')
    .map(Number)
    .filter((child) => child > 0);
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
