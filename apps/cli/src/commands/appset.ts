import type { ApplicationSet } from '@flotilla/contracts';
import { type Command, Option } from 'commander';
import { type CliContext, listAll, type OutputOptions, place, show } from '../context.js';
import type { Column } from '../print.js';
import { diffCommand } from './appset-diff.js';
import { generateCommand } from './appset-generate.js';
import { planCommand } from './appset-plan.js';
import { traceCommand } from './appset-trace.js';

const COLUMNS: Column<ApplicationSet>[] = [
  { name: 'NAME', value: ({ metadata }) => metadata.name },
  { name: 'APPLICATIONS', value: ({ status }) => status?.applications },
  { name: 'HELD', value: ({ status }) => status?.heldDeletions?.length || undefined },
  {
    name: 'MESSAGE',
    value: ({ status }) => status?.conditions?.find(({ type, status: state }) => type === 'ErrorOccurred' && state === 'True')?.message,
  },
  { name: 'GENERATORS', value: ({ spec }) => spec.generators.map((generator) => Object.keys(generator)[0]).join(','), wide: true },
];

export function appsetCommands(program: Command, context: CliContext): void {
  const appset = program.command('appset').description('application sets');
  const output = () => new Option('-o, --output <format>', 'table, wide, json, yaml or name').default('table');
  const nameOf = ({ metadata }: ApplicationSet): string => `applicationset.argoproj.io/${metadata.name}`;

  appset
    .command('list')
    .alias('ls')
    .description('list application sets')
    .option('-l, --selector <selector>', 'label selector')
    .addOption(output())
    .action(async (options: { selector?: string } & OutputOptions) =>
      show(
        context,
        await listAll<ApplicationSet>(context, 'listApplicationSets', { selector: options.selector }),
        COLUMNS,
        options,
        nameOf,
      ),
    );
  appset
    .command('get <name>')
    .description('show one application set')
    .addOption(output())
    .action(async (name: string, options: OutputOptions) =>
      show(context, [await context.call<ApplicationSet>('getApplicationSet', { parameters: place(name) })], COLUMNS, options, nameOf),
    );
  generateCommand(appset, context);
  traceCommand(appset, context);
  planCommand(appset, context);
  diffCommand(appset, context);
  appset
    .command('confirm-deletes <set> <names...>')
    .description('release held deletions of a set by the names of the applications')
    .action(async (set: string, names: string[]) =>
      context.out((await context.call<{ message: string }>('confirmDeletes', { parameters: place(set), body: { names } })).message),
    );
  appset
    .command('restore <set> <names...>')
    .description('keep applications whose deletion is held or pending; they are no longer of the set')
    .action(async (set: string, names: string[]) =>
      context.out((await context.call<{ message: string }>('restoreApplications', { parameters: place(set), body: { names } })).message),
    );
}
