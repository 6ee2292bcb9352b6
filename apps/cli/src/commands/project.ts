import type { Command } from 'commander';
import { type CliContext, place } from '../context.js';

export function projectCommands(program: Command, context: CliContext): void {
  const project = program.command('proj').description('projects');
  project
    .command('confirm-delete <name>')
    .description('let a held deletion of a project go on; its applications stay, and are refused until it is there again')
    .action(async (name: string) =>
      context.out((await context.call<{ message: string }>('confirmDeleteProject', { parameters: place(name) })).message),
    );
}
