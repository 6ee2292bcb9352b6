#!/usr/bin/env node
// Runs the CLI of a checkout under the project's own Node, after building it when it has never been built.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const entry = join(root, 'apps', 'cli', 'dist', 'src', 'main.js');
const ownNode = join(root, 'node_modules', 'node', 'bin', 'node');
const node = existsSync(ownNode) ? ownNode : process.execPath;

if (!existsSync(entry)) {
  const { status } = spawnSync(
    node,
    [join(root, 'node_modules', 'typescript', 'bin', 'tsc'), '-b', join(root, 'apps', 'cli'), join(root, 'apps', 'agent')],
    { stdio: ['ignore', 2, 2] },
  );
  if (status !== 0) process.exit(status ?? 1);
}
const { status, signal } = spawnSync(node, ['--enable-source-maps', entry, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(signal ? 130 : (status ?? 1));
