import { readFileSync } from 'node:fs';
import type { Application, ApplicationSet } from '@flotilla/contracts';
import { InvalidInputError } from '@flotilla/kernel';
import { type Command, Option } from 'commander';
import { EXIT } from '../cli.errors.js';
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
    .option('-f, --file <file>', 'manifests with sets, a directory of them, or -; repeatable', collect)
    .option('--clusters <path>', 'offline: cluster Secrets or Cluster documents, a file or directory; repeatable', collect)
    .option('--repo <url=dir>', 'offline: a Git repository on this machine for its URL; repeatable', collect)
    .option('--offline', 'ask no hub, also when a set needs neither clusters nor repositories')
    .addOption(output())
    .action(async (name: string | undefined, options: GenerateOptions) => {
      if (options.offline || options.clusters || options.repo) return generateWithoutHub(context, options);
      for (const { applications, warnings } of await askHub(context, name, options.file)) {
        for (const warning of warnings) context.error(`Warning: ${warning}`);
        showApplications(context, applications, options);
      }
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

interface GenerateOptions extends OutputOptions {
  file?: string[];
  clusters?: string[];
  repo?: string[];
  offline?: boolean;
}

const collect = (value: string, previous: string[] = []): string[] => [...previous, value];

const APPLICATION_COLUMNS: Column<Application>[] = [
  { name: 'NAME', value: ({ metadata }) => metadata.name },
  { name: 'CLUSTER', value: ({ spec }) => spec.destination.name ?? spec.destination.server },
  { name: 'PROJECT', value: ({ spec }) => spec.project },
  { name: 'PATH', value: ({ spec }) => spec.source?.path ?? spec.source?.chart },
];

function showApplications(context: CliContext, applications: readonly Application[], options: OutputOptions): void {
  show(context, applications, APPLICATION_COLUMNS, options, ({ metadata }) => `application.argoproj.io/${metadata.name}`);
}

async function askHub(context: CliContext, name: string | undefined, files: readonly string[] = []): Promise<Generated[]> {
  if (files.length === 0) return [await context.call<Generated>('generateStoredSet', { parameters: place(name ?? '') })];
  const answers: Generated[] = [];
  for (const file of files) {
    const text = readFileSync(file === '-' ? 0 : file, 'utf8');
    answers.push(await context.call<Generated>('generateApplicationSet', { body: { text } }));
  }
  return answers;
}

async function generateWithoutHub(context: CliContext, options: GenerateOptions): Promise<void> {
  if (!options.file) throw new InvalidInputError('generating offline needs -f FILE');
  // With it come the schemas of every kind, which nobody needs for other commands.
  const { generateOffline } = await import('../offline/generate-offline.js');
  for (const { set, applications, warnings, faults } of await generateOffline({ ...options, file: options.file, env: context.env })) {
    for (const warning of warnings) context.error(`Warning: ${set}: ${warning}`);
    for (const fault of faults) context.error(JSON.stringify(fault));
    if (faults.length > 0) process.exitCode = EXIT.failed;
    if (applications.length > 0 || faults.length === 0) showApplications(context, applications, options);
  }
}
