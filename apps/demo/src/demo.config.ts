import { chmodSync, existsSync, mkdirSync, mkdtempSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { InvalidInputError } from '@flotilla/kernel';
import { clusterName } from './lent-clusters.js';

export interface DemoConfig {
  /** Assert, print the summary, stop everything and remove it. */
  exit: boolean;
  /** Real clusters to play on, in the order dev, staging, prod; without them three simulated ones. */
  lent?: { kubeconfig: string; contexts: readonly string[] };
}

const SYSTEM_DATA = '/var/lib/flotilla';
const CLUSTERS = 3;

/**
 * `[--exit] [--context DEV,STAGING,PROD] [--kubeconfig FILE]`; the file defaults to KUBECONFIG, then ~/.kube/config.
 * @throws InvalidInputError
 */
export function readDemoConfig(args: readonly string[], env: Readonly<Record<string, string | undefined>>): DemoConfig {
  const { exit, context, kubeconfig } = parse(args);
  if (context === undefined) {
    if (kubeconfig !== undefined) throw new InvalidInputError('--kubeconfig needs --context DEV,STAGING,PROD');
    return { exit };
  }
  const contexts = context.split(',').map((name) => name.trim());
  if (contexts.length !== CLUSTERS || new Set(contexts.map(clusterName)).size !== CLUSTERS)
    throw new InvalidInputError('--context takes three different contexts: DEV,STAGING,PROD');
  const file = resolve(kubeconfig ?? env.KUBECONFIG ?? join(homedir(), '.kube', 'config'));
  if (!existsSync(file)) throw new InvalidInputError(`no kubeconfig ${file}; name one file with --kubeconfig`);
  return { exit, lent: { kubeconfig: file, contexts } };
}

function parse(args: readonly string[]): { exit: boolean; context?: string; kubeconfig?: string } {
  try {
    return parseArgs({
      args: [...args],
      options: { exit: { type: 'boolean', default: false }, context: { type: 'string' }, kubeconfig: { type: 'string' } },
    }).values;
  } catch (error) {
    throw new InvalidInputError(
      `usage: npm run demo -- [--exit] [--context DEV,STAGING,PROD] [--kubeconfig FILE]: ${(error as Error).message}`,
    );
  }
}

/** A directory for one story: in the tree, as root below /var/lib/flotilla, for PostgreSQL's account must be able to pass through. */
export function makeDirectory(): string {
  const parent = process.getuid?.() === 0 && process.platform === 'linux' ? SYSTEM_DATA : resolve('.flotilla');
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, 'demo-'));
  chmodSync(directory, 0o711);
  return directory;
}
