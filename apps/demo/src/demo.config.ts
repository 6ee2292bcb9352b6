import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

export interface DemoConfig {
  /** Assert, print the summary, stop everything and remove it. */
  exit: boolean;
  directory: string;
}

const SYSTEM_DATA = '/var/lib/flotilla';

/** `[--exit]`; the data lies in the tree, as root in a folder of its own below /var/lib/flotilla. */
export function readDemoConfig(args: readonly string[]): DemoConfig {
  const { values } = parseArgs({ args: [...args], options: { exit: { type: 'boolean', default: false } } });
  const parent = process.getuid?.() === 0 && process.platform === 'linux' ? SYSTEM_DATA : resolve('.flotilla');
  mkdirSync(parent, { recursive: true });
  const directory = mkdtempSync(join(parent, 'demo-'));
  // PostgreSQL's unprivileged account must be able to pass through.
  chmodSync(directory, 0o711);
  return { exit: values.exit, directory };
}
