import type { Application, HeldApplicationReply } from '@flotilla/contracts';
import { type Command, Option } from 'commander';
import { EXIT } from '../cli.errors.js';
import { type CliContext, type OutputOptions, show } from '../context.js';
import { faultOfHeld } from '../offline/offline-fault.js';
import { type Column, FORMATS } from '../print.js';
import { isOffline, offlineOptions, type SetOptions, setArguments, storedSet } from './appset-inputs.js';
import { askForFiles } from './ask-sets.js';

/** What the hub answers; one of an earlier version tells what would not be written among the warnings. */
interface Generated {
  applications: Application[];
  warnings: string[];
  held?: HeldApplicationReply[];
  heldCount?: number;
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
    .addOption(new Option('-o, --output <format>', 'output format').choices(FORMATS).default('table'))
    .action(async (name: string | undefined, options: SetOptions & OutputOptions) => {
      if (isOffline(options)) return generateWithoutHub(context, name, options);
      showSets(context, await askHub(context, name, options), options);
    });
}

/** As JSON one array for each set, else all of them as one table, list or stream of documents. */
function showSets(context: CliContext, sets: readonly (readonly Application[])[], options: OutputOptions): void {
  const nameOf = ({ metadata }: Application): string => `application.argoproj.io/${metadata.name}`;
  const printed = options.output === 'json' ? sets : sets.length > 0 ? [sets.flat()] : [];
  for (const applications of printed) show(context, applications, COLUMNS, options, nameOf);
}

/** Of each set that nothing is wrong with, its applications. */
async function askHub(context: CliContext, name: string | undefined, options: SetOptions): Promise<Application[][]> {
  const stored = storedSet(name, options);
  const { answers, faults } = stored
    ? {
        answers: [{ answer: await context.call<Generated>('generateStoredSet', { parameters: stored }), place: { set: stored.name } }],
        faults: [],
      }
    : await askForFiles(context, options.file ?? [], (text) => context.call<Generated>('generateApplicationSet', { body: { text } }));
  if (faults.length > 0) process.exitCode = EXIT.failed;
  return answers.flatMap(({ answer: { applications, warnings, held = [], heldCount = held.length }, place }) => {
    for (const warning of warnings) context.error(`Warning: ${place.set === undefined ? '' : `${place.set}: `}${warning}`);
    if (heldCount === 0) return [applications];
    process.exitCode = EXIT.failed;
    for (const one of held) context.error(JSON.stringify(faultOfHeld(one, place)));
    if (heldCount > held.length) context.error(`Warning: ${place.set}: ${heldCount - held.length} more applications would not be written`);
    return [];
  });
}

async function generateWithoutHub(context: CliContext, name: string | undefined, options: SetOptions & OutputOptions): Promise<void> {
  const input = offlineOptions(options, context, { doing: 'generating', name });
  // With it come the schemas of every kind, which nobody needs for other commands.
  const { generateOffline } = await import('../offline/generate-offline.js');
  const { sets, warnings: general, faults } = await generateOffline(input);
  for (const warning of general) context.error(`Warning: ${warning}`);
  for (const { set, warnings } of sets) {
    for (const warning of warnings) context.error(`Warning: ${set}: ${warning}`);
  }
  showSets(
    context,
    sets.flatMap(({ applications }) => (applications ? [applications] : [])),
    options,
  );
  for (const fault of faults) context.error(JSON.stringify(fault));
  if (faults.length > 0) process.exitCode = EXIT.failed;
}
