import { execFileSync } from 'node:child_process';
import { accessSync, constants, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { NotFoundError } from '@flotilla/kernel';
import { SupervisedProcess } from './supervised-process.js';

export interface LocalNats {
  version: string;
  stop(): Promise<void>;
}

/** Runs nats-server with the given configuration text; its process is started again when it ends by itself. */
export async function startLocalNats(options: {
  directory: string;
  runDirectory: string;
  port: number;
  configuration: string;
  onCrash?(exit: string): void;
}): Promise<LocalNats> {
  const command = findNatsServer();
  const home = join(options.directory, 'nats');
  const file = join(home, 'nats.conf');
  const server = new SupervisedProcess({
    name: 'nats-server',
    command,
    args: ['-c', file],
    cwd: home,
    prepare: () => {
      mkdirSync(home, { recursive: true, mode: 0o700 });
      writeFileSync(file, options.configuration, { mode: 0o600 });
    },
    logFile: join(options.runDirectory, 'nats.log'),
    pidFile: join(options.runDirectory, 'nats.pid'),
    isReady: () => greets(options.port),
    onCrash: options.onCrash,
  });
  await server.start();
  return { version: versionOf(command), stop: () => server.stop() };
}

/** FLOTILLA_NATS_SERVER, else `nats-server` on PATH, else the newest one the installer put into the cache. */
export function findNatsServer(env: NodeJS.ProcessEnv = process.env): string {
  const cache = join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'flotilla', 'tools');
  const onPath = (env.PATH ?? '').split(delimiter).map((dir) => join(dir, 'nats-server'));
  const cached = entries(cache).map((name) => join(cache, name, 'nats-server'));
  const found = [env.FLOTILLA_NATS_SERVER, ...onPath, ...cached].find((path) => path !== undefined && isExecutable(path));
  if (!found)
    throw new NotFoundError('nats-server was not found: install nats-server >= 2.9.10, set FLOTILLA_NATS_SERVER, or set NATS_URL');
  return found;
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.startsWith('nats-server-'))
      .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
  } catch {
    return [];
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function versionOf(command: string): string {
  return /(\d+\.\d+\.\d+\S*)/.exec(execFileSync(command, ['--version'], { encoding: 'utf8' }))?.[1] ?? 'unknown';
}

/** A NATS server says INFO as soon as somebody connects. */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('data', (bytes) => {
      resolve(bytes.toString('utf8', 0, 5) === 'INFO ');
      socket.destroy();
    });
    socket.once('error', () => resolve(false));
  });
}
