import type { SetTrace } from '@flotilla/generators';
import { type Command, Option } from 'commander';
import { EXIT } from '../cli.errors.js';
import { type CliContext, type OutputOptions, show } from '../context.js';
import type { Answers } from '../offline/offline-sets.js';
import { type Column, clip, FORMATS, oneLine } from '../print.js';
import { isOffline, offlineOptions, repeatable, type SetOptions, setArguments, storedSet } from './appset-inputs.js';
import { failuresOf } from './appset-plan.js';
import { askForFiles } from './ask-sets.js';

interface TraceOptions extends SetOptions {
  application?: string[];
}

interface Row {
  application: string;
  parameter: string;
  value: string;
  fields: string;
  source: string;
}

const COLUMNS: Column<Row>[] = [
  { name: 'APPLICATION', value: ({ application }) => application },
  { name: 'PARAMETER', value: ({ parameter }) => parameter },
  { name: 'VALUE', value: ({ value }) => value },
  { name: 'USED IN', value: ({ fields }) => fields, wide: true },
  { name: 'SET BY', value: ({ source }) => source },
];

export function traceCommand(appset: Command, context: CliContext): void {
  setArguments(appset.command('trace [name]'))
    .description('where every parameter of the generated applications comes from, what is never used, and what matched nothing')
    .option('-a, --application <name>', 'only this application; repeatable', repeatable)
    .addOption(new Option('-o, --output <format>', 'output format').choices([...FORMATS, 'markdown']).default('table'))
    .action(async (name: string | undefined, options: TraceOptions & OutputOptions) => {
      const answer = await traceSets(context, name, options);
      await showTraces(context, answer, options);
      if (answer.faults.length > 0) process.exitCode = EXIT.failed;
    });
}

async function traceSets(context: CliContext, name: string | undefined, options: TraceOptions): Promise<Answers<SetTrace>> {
  if (isOffline(options)) {
    const { traceOffline } = await import('../offline/trace-offline.js');
    const answer = await traceOffline(offlineOptions(options, context, { doing: 'tracing', name }));
    for (const fault of answer.faults) context.error(JSON.stringify(fault));
    for (const warning of answer.warnings) context.error(`Warning: ${warning}`);
    return answer;
  }
  const { application } = options;
  const stored = storedSet(name, options);
  const query = { application: application?.join(',') };
  if (stored) return { sets: [await context.call<SetTrace>('traceStoredSet', { parameters: stored, query })], warnings: [], faults: [] };
  const { locateFields } = await import('../offline/set-texts.js');
  const { answers, faults } = await askForFiles(context, options.file ?? [], (text) =>
    context.call<SetTrace>('traceApplicationSet', { body: { text }, query }),
  );
  return { sets: answers.map(({ answer, manifest }) => (manifest ? locateFields(answer, manifest) : answer)), warnings: [], faults };
}

async function showTraces(
  context: CliContext,
  { sets: traces, warnings, faults }: Answers<SetTrace>,
  options: OutputOptions,
): Promise<void> {
  const { describeSource, traceMarkdown, valueText } = await import('@flotilla/setplan');
  const { output } = options;
  if (output === 'markdown') return context.out(traceMarkdown({ traces, failures: failuresOf(faults), warnings }).trimEnd());
  if (output === 'json' || output === 'yaml') return show(context, traces, [], options, ({ set }) => set);
  if (output === 'name') {
    const names = traces.flatMap(({ applications }) => applications);
    return show(context, names, [], options, ({ name }) => `application.argoproj.io/${name}`);
  }
  const rows = traces.flatMap(({ applications }) =>
    applications.flatMap(({ name, parameters }) =>
      parameters.map((one): Row => {
        const source = one.source ? describeSource(one.source) : 'nothing';
        return { application: name, parameter: one.name, value: clip(valueText(one.value)), fields: one.fields.join(', '), source };
      }),
    ),
  );
  if (rows.length > 0) show(context, rows, COLUMNS, options, ({ application }) => application);
  for (const { set, more, unused, unmatched, findings, applications } of traces) {
    const say = (text: string): void => context.out(oneLine(`${set}: ${text}`));
    if (more > 0) say(`and ${more} more applications`);
    for (const { name, held } of applications) if (held !== undefined) say(`${name} is held: ${held}`);
    for (const { name, source } of unused) say(`parameter ${name} is never used: ${describeSource(source)}`);
    for (const { source, against } of unmatched) say(`${describeSource(source)} matched nothing of ${against}`);
    for (const finding of findings) say(finding);
  }
}
