import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@flotilla/localserver';
import { Child, waitFor } from './child.js';

export interface NatsBinary {
  path: string;
  /** As the server says it: `2.15.2`. */
  version: string;
}

/** Every nats-server at hand, once per version: FLOTILLA_NATS_SERVER, PATH, then the tool cache from new to old. */
export function natsServersAtHand(env: NodeJS.ProcessEnv = process.env): NatsBinary[] {
  const tools = join(env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'flotilla', 'tools');
  const cached = existsSync(tools)
    ? readdirSync(tools)
        .filter((name) => name.startsWith('nats-server-'))
        .sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
    : [];
  const candidates = [
    env.FLOTILLA_NATS_SERVER ?? '',
    ...(env.PATH ?? '').split(':').map((dir) => join(dir, 'nats-server')),
    ...cached.map((name) => join(tools, name, 'nats-server')),
  ];
  const found = new Map<string, NatsBinary>();
  for (const path of candidates) {
    if (path === '' || !existsSync(path)) continue;
    const version = /v(\d+\.\d+\.\d+\S*)/.exec(execFileSync(path, ['-v'], { encoding: 'utf8', timeout: 10_000 }))?.[1];
    if (version && !found.has(version)) found.set(version, { path, version });
  }
  return [...found.values()];
}

export interface NatsOptions {
  /** Which binary; default the first at hand. */
  binary?: NatsBinary;
  /** The whole configuration for this place; default an open server without accounts. */
  config?: (place: { port: number; dir: string }) => string;
}

export interface NatsServer {
  readonly url: string;
  readonly port: number;
  readonly dir: string;
  readonly version: string;
  /** What the server said last. */
  readonly output: string;
  /** Starts again on the same port with the same configuration; with `config` another one. */
  restart(config?: NatsOptions['config']): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Removes everything the server stored, also while it runs. */
  wipe(): void;
  stop(): Promise<void>;
}

/** A nats-server on a free loopback port, ready in well under a second. */
export async function startNats(options: NatsOptions = {}): Promise<NatsServer> {
  const binary = options.binary ?? natsServersAtHand()[0];
  if (!binary) throw new Error('no nats-server at hand: install it on PATH, or set FLOTILLA_NATS_SERVER');
  const server = new Nats(binary, options.config ?? openConfig, await freePort());
  await server.restart();
  return server;
}

const openConfig: NonNullable<NatsOptions['config']> = ({ port }) => `listen: "127.0.0.1:${port}"\n`;

class Nats implements NatsServer {
  readonly port: number;
  readonly dir = mkdtempSync(join(tmpdir(), 'flotilla-nats-'));
  readonly #binary: NatsBinary;
  #config: NonNullable<NatsOptions['config']>;
  #child?: Child;

  constructor(binary: NatsBinary, config: NonNullable<NatsOptions['config']>, port: number) {
    this.#binary = binary;
    this.#config = config;
    this.port = port;
  }

  get url(): string {
    return `nats://127.0.0.1:${this.port}`;
  }

  get version(): string {
    return this.#binary.version;
  }

  get output(): string {
    return this.#child?.output ?? '';
  }

  async restart(config = this.#config): Promise<void> {
    this.#config = config;
    await this.#child?.stop();
    const store = join(this.dir, 'store');
    mkdirSync(store, { recursive: true });
    const file = join(this.dir, 'nats.conf');
    writeFileSync(file, config({ port: this.port, dir: store }), { mode: 0o600 });
    this.#child = new Child(this.#binary.path, ['-c', file], { cwd: this.dir });
    await this.#child.until('nats-server to greet', () => greets(this.port), 10_000);
  }

  async kill(): Promise<void> {
    await this.#child?.kill();
  }

  wipe(): void {
    rmSync(join(this.dir, 'store'), { recursive: true, force: true });
    mkdirSync(join(this.dir, 'store'), { recursive: true });
  }

  async stop(): Promise<void> {
    await this.#child?.stop();
    await waitFor('the port to be free', async () => !(await greets(this.port)), 5_000);
    rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Whether somebody on the port sends NATS' first line. */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', timeout: 1_000 });
    const end = (answer: boolean): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('data', (data) => end(data.toString('utf8').startsWith('INFO ')));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
    socket.once('close', () => end(false));
  });
}
