import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

export interface Outcome {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** An unmodified kubectl (from PATH or /usr/bin) with a kubeconfig and a home of its own. */
export class KubectlRunner {
  readonly #dir = mkdtempSync(join(tmpdir(), 'kubectl-'));

  constructor(cluster: { url: string; ca: string; token: string }) {
    this.write('config', JSON.stringify(kubeconfig(cluster)));
  }

  /** Writes a file into the runner's directory and returns its path. */
  write(name: string, text: string, mode = 0o600): string {
    const path = join(this.#dir, name);
    writeFileSync(path, text, { mode });
    return path;
  }

  /** Runs kubectl to its end. */
  run(args: readonly string[], options: { stdin?: string; env?: Record<string, string> } = {}): Promise<Outcome> {
    const child = spawn('kubectl', [`--kubeconfig=${join(this.#dir, 'config')}`, ...args], {
      env: { ...process.env, HOME: this.#dir, PATH: `${process.env.PATH}${delimiter}/usr/bin`, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const outcome: Outcome = { code: null, stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      outcome.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      outcome.stderr += text;
    });
    child.stdin.end(options.stdin ?? '');
    return new Promise((resolve, reject) => {
      child.once('error', reject);
      child.once('close', (code) => resolve({ ...outcome, code }));
    });
  }

  /** Runs kubectl and returns its output. @throws when it does not exit 0 */
  async ok(args: readonly string[], options: { stdin?: string; env?: Record<string, string> } = {}): Promise<string> {
    const { code, stdout, stderr } = await this.run(args, options);
    if (code !== 0) throw new Error(`kubectl ${args.join(' ')} exited ${code}: ${stderr}${stdout}`);
    return stdout + stderr;
  }

  /** Removes the directory. */
  remove(): void {
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

function kubeconfig({ url, ca, token }: { url: string; ca: string; token: string }): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') } }],
    users: [{ name: 'test', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  };
}
