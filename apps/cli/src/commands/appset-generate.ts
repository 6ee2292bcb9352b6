import type { Application } from '@flotilla/contracts';
import { type Command, Option } from 'commander';
import { EXIT } from '../cli.errors.js';
import { type CliContext, type OutputOptions, place, show } from '../context.js';
import type { Column } from '../print.js';
import { isOffline, offlineOptions, type SetOptions, setArguments } from './appset-inputs.js';

interface Generated {
  applications: Application[];
  warnings: string[];
}

const COLUMNS: Column<Application>[] = [
  { name: 'NAME', value: ({ metadata }) => metadata.name },
  { name: 'CLUSTER', value: ({ spec }) => spec.destination.name ?? spec.destination.server },
  { name: 'PROJECT', value: ({ spec }) => spec.project },
  { name: 'PATH', value: ({ spec }) => spec.source?.path ?? spec.source?.chart },
];

export function generateCommand(appset: Command, context: CliContext): void {
  setArguments(appset.command('generate [name]'))
    .description('the applications a stored set, or with -f a file, generates; nothing is stored')
    .addOption(new Option('-o, --output <format>', 'table, wide, json, yaml or name').default('table'))
    .action(async (name: string | undefined, options: SetOptions & OutputOptions) => {
      if (isOffline(options)) return generateWithoutHub(context, options);
      for (const { applications, warnings } of await askHub(context, name, options)) {
        for (const warning of warnings) context.error(`Warning: ${warning}`);
        showApplications(context, applications, options);
      }
    });
}

function showApplications(context: CliContext, applications: readonly Application[], options: OutputOptions): void {
  show(context, applications, COLUMNS, options, ({ metadata }) => `application.argoproj.io/${metadata.name}`);
}

async function askHub(context: CliContext, name: string | undefined, { file = [] }: SetOptions): Promise<Generated[]> {
  if (file.length === 0) return [await context.call<Generated>('generateStoredSet', { parameters: place(name ?? '') })];
  const { setTexts } = await import('../offline/set-texts.js');
  const answers: Generated[] = [];
  for (const { text } of setTexts(file)) answers.push(await context.call<Generated>('generateApplicationSet', { body: { text } }));
  return answers;
}

async function generateWithoutHub(context: CliContext, options: SetOptions & OutputOptions): Promise<void> {
  const input = offlineOptions(options, context, 'generating');
  // With it come the schemas of every kind, which nobody needs for other commands.
  const { generateOffline } = await import('../offline/generate-offline.js');
  const { sets, faults } = await generateOffline(input);
  for (const { set, applications, warnings } of sets) {
    for (const warning of warnings) context.error(`Warning: ${set}: ${warning}`);
    if (applications) showApplications(context, applications, options);
  }
  for (const fault of faults) context.error(JSON.stringify(fault));
  if (faults.length > 0) process.exitCode = EXIT.failed;
}
