import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { loadKubeconfig } from '@flotilla/kubeclient';
import { programOf } from './demo-root.js';
import type { HubFacts } from './hub-process.js';

const LIMITS = { timeout: 60_000, maxBuffer: 1024 * 1024 };

/** What a command of the CLI prints, run as the hub's admin and apart from any login of whoever runs the story. */
export async function runFlotilla({ url, kubeconfig, caFile }: HubFacts, args: readonly string[]): Promise<string> {
  const env = {
    ...process.env,
    FLOTILLA_SERVER: url,
    FLOTILLA_TOKEN: loadKubeconfig(kubeconfig).token,
    FLOTILLA_CA_FILE: caFile,
    FLOTILLA_CONFIG: join(kubeconfig, 'none'),
  };
  const { stdout } = await promisify(execFile)(process.execPath, [programOf('cli'), ...args], { ...LIMITS, env });
  return stdout;
}
