import { readFileSync } from 'node:fs';
import type { Application, ApplicationSet } from '@flotilla/contracts';
import { type Command, Option } from 'commander';
import { type CliContext, listAll, type OutputOptions, place, show } from '../context.js';
import type { Column } from '../print.js';

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
  appset
    .command('generate [name]')
    .description('the applications a stored set, or with -f a file, generates; nothing is stored')
    .option('-f, --file <file>', 'manifest of a set')
    .addOption(output())
    .action(async (name: string | undefined, options: { file?: string } & OutputOptions) => {
      const { applications, warnings } = options.file
        ? await context.call<Generated>('generateApplicationSet', {
            body: { text: readFileSync(options.file === '-' ? 0 : options.file, 'utf8') },
          })
        : await context.call<Generated>('generateStoredSet', { parameters: place(name ?? '') });
      for (const warning of warnings) context.error(`Warning: ${warning}`);
      const columns: Column<Application>[] = [
        { name: 'NAME', value: ({ metadata }) => metadata.name },
        { name: 'CLUSTER', value: ({ spec }) => spec.destination.name ?? spec.destination.server },
        { name: 'PROJECT', value: ({ spec }) => spec.project },
        { name: 'PATH', value: ({ spec }) => spec.source?.path ?? spec.source?.chart },
      ];
      show(context, applications, columns, options, ({ metadata }) => `application.argoproj.io/${metadata.name}`);
    });
  appset
    .command('confirm-deletes <set> <names...>')
    .description('release held deletions of a set by the names of the applications')
    .action(async (set: string, names: string[]) =>
      context.out((await context.call<{ message: string }>('confirmDeletes', { parameters: place(set), body: { names } })).message),
    );
}

interface Generated {
  applications: Application[];
  warnings: string[];
}
