import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { GitUnavailableError, RefMissingError } from './git.errors.js';
import type { GitRunner } from './git-runner.js';

/** An idle reader's process is ended after this. */
const IDLE_MS = 15_000;
/** One object larger than this is not read into memory. */
const MAX_OBJECT_BYTES = 64 * 1024 * 1024;

type Reader = ChildProcessByStdio<Writable, Readable, null>;
interface Waiting {
  object: string;
  resolve(bytes: Uint8Array): void;
  reject(error: Error): void;
}

/** Reads blobs of one mirror through a single `git cat-file --batch` process, in the order they were asked for. */
export class ObjectReader {
  readonly #runner: GitRunner;
  readonly #dir: string;
  #child: Reader | undefined;
  #waiting: Waiting[] = [];
  #chunks: Buffer[] = [];
  #size = 0;
  #expected: number | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(runner: GitRunner, dir: string) {
    this.#runner = runner;
    this.#dir = dir;
  }

  read(object: string): Promise<Uint8Array> {
    if (!/^[0-9a-f]{40,64}$/.test(object)) return Promise.reject(new RefMissingError(`${object} is no name of a Git object`));
    clearTimeout(this.#idle);
    this.#child ??= this.#start();
    return new Promise((resolve, reject) => {
      this.#waiting.push({ object, resolve, reject });
      this.#child!.stdin.write(`${object}\n`);
    });
  }

  close(): void {
    clearTimeout(this.#idle);
    this.#child?.kill();
    this.#child = undefined;
  }

  #start(): Reader {
    const child = spawn(this.#runner.program, ['cat-file', '--batch'], {
      env: this.#runner.environment(this.#dir),
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin.on('error', () => undefined);
    child.stdout.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk);
      this.#size += chunk.length;
      this.#advance(child);
    });
    const ended = () => {
      if (this.#child === child) this.#child = undefined;
      this.#fail(new GitUnavailableError('git cat-file ended before it answered'));
    };
    child.on('error', ended);
    child.on('close', ended);
    return child;
  }

  #advance(child: Reader): void {
    for (;;) {
      const next = this.#waiting[0];
      if (!next) return;
      if (this.#expected === undefined && !this.#readHeader(next, child)) return;
      if (this.#expected === undefined) continue;
      if (this.#size < this.#expected + 1) return;
      const bytes = this.#take(this.#expected + 1).subarray(0, -1);
      this.#expected = undefined;
      this.#waiting.shift();
      next.resolve(bytes);
      if (this.#waiting.length === 0) this.#rest();
    }
  }

  /** Whether a header line was there; a missing object is answered at once. */
  #readHeader(next: Waiting, child: Reader): boolean {
    const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#chunks = [all];
    const end = all.indexOf(10);
    if (end < 0) return false;
    const [, type, size] = this.#take(end + 1)
      .toString()
      .trim()
      .split(' ');
    if (type === 'missing' || size === undefined) {
      this.#waiting.shift();
      next.reject(new RefMissingError(`Git object ${next.object} is not in the mirror`));
      if (this.#waiting.length === 0) this.#rest();
    } else if (Number(size) > MAX_OBJECT_BYTES) {
      child.kill();
      this.#fail(new GitUnavailableError(`Git object ${next.object} has ${size} bytes; at most ${MAX_OBJECT_BYTES} are read`));
      return false;
    } else this.#expected = Number(size);
    return true;
  }

  #take(count: number): Buffer {
    const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
    this.#chunks = [all.subarray(count)];
    this.#size = all.length - count;
    return all.subarray(0, count);
  }

  #rest(): void {
    this.#idle = setTimeout(() => this.close(), IDLE_MS);
    this.#idle.unref();
  }

  #fail(error: Error): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#chunks = [];
    this.#size = 0;
    this.#expected = undefined;
    for (const { reject } of waiting) reject(error);
  }
}
