import { Command } from 'commander';
import { appCommands } from './commands/app.js';
import { appsetCommands } from './commands/appset.js';
import { clusterCommands } from './commands/cluster.js';
import { notifyCommands } from './commands/notify.js';
import { projectCommands } from './commands/project.js';
import { rolloutCommands } from './commands/rollout.js';
import { secretCommands } from './commands/secret.js';
import { sessionCommands } from './commands/session.js';
import type { CliContext } from './context.js';

export const CLI_VERSION = '0.1.0';

/** All commands; the generated reference is made from this tree. */
export function createProgram(context: CliContext): Command {
  const program = new Command('flotilla').description('Rolls software out to a fleet of Kubernetes clusters').version(CLI_VERSION);
  program
    .configureOutput({
      writeOut: (text) => context.out(text.replace(/\n$/, '')),
      writeErr: (text) => context.error(text.replace(/\n$/, '')),
    })
    .exitOverride();
  sessionCommands(program, context);
  clusterCommands(program, context);
  appCommands(program, context);
  appsetCommands(program, context);
  projectCommands(program, context);
  rolloutCommands(program, context);
  notifyCommands(program, context);
  secretCommands(program, context);
  return program;
}
