import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';

export function hasKubectl(): boolean {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Answers how many objects kubectl says it applied. */
export async function kubectlApply(kubeconfig: string, namespace: string, path: string): Promise<number> {
  const args = ['--kubeconfig', kubeconfig, '-n', namespace, 'apply', '--server-side', '--force-conflicts', '-R', '-f', path];
  const { stdout } = await promisify(execFile)('kubectl', args, { maxBuffer: 16 * 1024 * 1024 });
  return stdout
    .trim()
    .split('\n')
    .filter((line) => line.endsWith('serverside-applied')).length;
}
