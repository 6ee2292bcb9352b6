import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { ToolMissingError } from '@flotilla/render';
import { findProgram, type Sandbox } from '@flotilla/sandbox';

export type ToolName = 'helm' | 'kustomize';

/** A tool of this machine: `prefix` comes before the arguments of a render. */
export interface Tool {
  file: string;
  prefix: readonly string[];
  /** As it calls itself; part of the render key. */
  version: string;
}

export interface ToolPaths {
  helm?: string;
  kustomize?: string;
  path: string;
  /** Where `npm run demo` puts what it installs: `<dir>/<tool>-<version>/<tool>`. */
  cacheDir: string;
}

/** Finds the tools once: as configured, else on PATH, else in the cache; `kubectl kustomize` stands in for Kustomize. */
export class Tools {
  readonly #paths: ToolPaths;
  readonly #sandbox: Sandbox;
  readonly #found = new Map<ToolName, Promise<Tool>>();

  constructor(paths: ToolPaths, sandbox: Sandbox) {
    this.#paths = paths;
    this.#sandbox = sandbox;
  }

  /** @throws ToolMissingError; looked for again at the next call */
  find(name: ToolName): Promise<Tool> {
    const known = this.#found.get(name) ?? this.#look(name);
    this.#found.set(name, known);
    known.catch(() => this.#found.delete(name));
    return known;
  }

  async #look(name: ToolName): Promise<Tool> {
    const file = this.#paths[name] ?? findProgram(name, this.#paths.path) ?? (await this.#cached(name));
    if (file && name === 'kustomize' && basename(file) === 'kubectl') return this.#describeKubectl(file);
    if (file) return this.#describe(file, name === 'helm' ? ['version', '--short'] : ['version'], name === 'helm' ? [] : ['build']);
    const kubectl = name === 'kustomize' ? findProgram('kubectl', this.#paths.path) : undefined;
    if (kubectl) return this.#describeKubectl(kubectl);
    throw new ToolMissingError(`${name} is not installed on the hub; install it or set FLOTILLA_${name.toUpperCase()} to its path`, {
      tool: name,
    });
  }

  async #cached(name: ToolName): Promise<string | undefined> {
    const names = await readdir(this.#paths.cacheDir).catch(() => []);
    const newest = names.filter((entry) => entry.startsWith(`${name}-`)).sort((a, b) => b.localeCompare(a, 'en', { numeric: true }));
    return newest.map((entry) => findProgram(name, join(this.#paths.cacheDir, entry))).find(Boolean);
  }

  #describeKubectl(file: string): Promise<Tool> {
    return this.#describe(file, ['version', '--client', '--output=json'], ['kustomize']);
  }

  async #describe(file: string, argv: readonly string[], prefix: readonly string[]): Promise<Tool> {
    const result = await this.#sandbox.run({ file, argv, cwd: '/', env: { HOME: '/nonexistent' }, limits: { wallMs: 20_000 } });
    if (result.code !== 0) throw new ToolMissingError(`${file} does not run: ${result.stderr.trim().slice(0, 300)}`, { file });
    return { file, prefix, version: result.stdout.toString().trim() };
  }
}
