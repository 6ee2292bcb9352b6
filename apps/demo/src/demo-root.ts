import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The demo's own directory, from its sources as from its build. */
export const DEMO_ROOT = fileURLToPath(new URL(import.meta.url.includes('/dist/') ? '../..' : '..', import.meta.url));

/** The entry point of one of the programs the story runs. */
export function programOf(app: string): string {
  return join(DEMO_ROOT, '..', app, 'dist', 'src', 'main.js');
}

/** What a cluster gets for an agent inside it. */
export const AGENT_MANIFESTS = join(DEMO_ROOT, '..', '..', 'deploy', 'agent');
