import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { digestBytes } from '@flotilla/kernel';
import { newCanary, type Trace, tracesOf } from '../search/canary.js';

/** The Secret that the chart's ExternalSecret asks for. */
export const SECRET_NAME = 'web-credentials';
const SECRET_KEY = 'PASSWORD';

/** The file the story's secret is kept in. Of all the story's own parts this one alone knows the values. */
export class SecretFile {
  /** Below the hub's directory. */
  static readonly place = join('secrets', 'fleet', 'web.json');
  readonly #path: string;
  readonly #values: string[] = [];

  constructor(hubDirectory: string) {
    this.#path = join(hubDirectory, SecretFile.place);
  }

  /** Puts a new value into the file, whole or not at all. */
  change(): void {
    const value = newCanary();
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    writeFileSync(`${this.#path}.new`, JSON.stringify({ password: value }), { mode: 0o600 });
    renameSync(`${this.#path}.new`, this.#path);
    this.#values.push(value);
  }

  /** Whether a Secret of a cluster has the newest value: digests are compared, never shown. */
  isIn(secret: Readonly<Record<string, unknown>> | undefined): boolean {
    const value = (secret?.data as Record<string, string> | undefined)?.[SECRET_KEY];
    return value !== undefined && digestBytes(Buffer.from(value, 'base64')) === digestBytes(Buffer.from(this.#values.at(-1) ?? ''));
  }

  /** How the value that is in the file now, and those before it, would look wherever they were written down. */
  get traces(): Trace[] {
    return this.#values.flatMap((value, i) => tracesOf(i === this.#values.length - 1 ? 'new value' : 'old value', value));
  }
}
