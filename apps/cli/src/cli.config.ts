import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { InvalidInputError, isObject } from '@flotilla/kernel';
import { NotLoggedInError } from './cli.errors.js';
import type { Connection } from './hub-client.js';

type Env = Readonly<Record<string, string | undefined>>;

interface StoredConfig {
  current: string;
  contexts: Record<string, Connection>;
}

function pathOf(env: Env): string {
  return env.FLOTILLA_CONFIG ?? join(env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'flotilla', 'config.json');
}

function read(env: Env): StoredConfig {
  const path = pathOf(env);
  if (!existsSync(path)) return { current: '', contexts: {} };
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (isObject(value) && isObject(value.contexts)) return value as unknown as StoredConfig;
  } catch {
    // Told below.
  }
  throw new InvalidInputError(`${path} is not a configuration of flotilla; remove it and log in again`);
}

/** Where to send calls: FLOTILLA_SERVER, FLOTILLA_TOKEN and FLOTILLA_CA_FILE over the context that `login` stored. */
export function currentConnection(env: Env): Connection {
  const config = read(env);
  const stored = config.contexts[config.current];
  const server = env.FLOTILLA_SERVER ?? stored?.server;
  if (!server)
    throw new NotLoggedInError('not logged in: run `flotilla login https://HUB:8443`, or set FLOTILLA_SERVER and FLOTILLA_TOKEN');
  const ca = env.FLOTILLA_CA_FILE ? readFileSync(env.FLOTILLA_CA_FILE, 'utf8') : stored?.ca;
  return { server, token: env.FLOTILLA_TOKEN ?? (env.FLOTILLA_SERVER ? undefined : stored?.token), ca };
}

/** Stores a login under the server's host, mode 0600, and makes it the current one. */
export function storeConnection(env: Env, connection: Connection): string {
  const config = read(env);
  const name = new URL(connection.server).host;
  const path = pathOf(env);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const text = JSON.stringify({ current: name, contexts: { ...config.contexts, [name]: connection } }, null, 2);
  writeFileSync(`${path}.new`, `${text}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return name;
}
