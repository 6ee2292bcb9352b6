import type { FieldChange, PlannedDeletion, PlannedSet, PlanReport } from '@flotilla/setplan';
import { type Command, Option } from 'commander';
import { EXIT } from '../cli.errors.js';
import { type CliContext, type OutputOptions, show } from '../context.js';
import type { OfflineFault } from '../offline/offline-fault.js';
import type { Answers } from '../offline/offline-sets.js';
import { type Column, clip, FORMATS } from '../print.js';
import { existingArgument, isOffline, offlineOptions, type SetOptions, setArguments, storedSet } from './appset-inputs.js';
import { askForFiles } from './ask-sets.js';

export interface PlanOptions extends SetOptions {
  existing?: string[];
}

interface Row {
  set: string;
  action: string;
  name: string;
  cluster?: string | undefined;
  project?: string | undefined;
  revision?: string | undefined;
  what?: string | undefined;
}

const COLUMNS: Column<Row>[] = [
  { name: 'ACTION', value: ({ action }) => action },
  { name: 'NAME', value: ({ name }) => name },
  { name: 'CLUSTER', value: ({ cluster }) => cluster },
  { name: 'SET', value: ({ set }) => set, wide: true },
  { name: 'PROJECT', value: ({ project }) => project, wide: true },
  { name: 'REVISION', value: ({ revision }) => revision, wide: true },
  { name: 'WHAT', value: ({ what }) => what },
];
/** Fields of one application that a narrow table shows. */
const MAX_FIELDS = 3;

export function planCommand(appset: Command, context: CliContext): void {
  existingArgument(setArguments(appset.command('plan [name]')))
    .description(
      'what a set would create, change and delete, and what the guard holds; exit code 1 when something is held, refused or fails',
    )
    .addOption(new Option('-o, --output <format>', 'output format').choices([...FORMATS, 'markdown']).default('table'))
    .option('--detailed-exitcode', 'exit code 2 when there are changes')
    .action(async (name: string | undefined, options: PlanOptions & OutputOptions & { detailedExitcode?: boolean }) => {
      const { sets, warnings, faults } = await planSets(context, name, options);
      await showPlans(context, { sets, warnings, faults }, options);
      const { hasChanges } = await import('@flotilla/setplan');
      const isStuck = faults.length > 0 || sets.some(({ report: { hold, refused } }) => hold.length + refused.length > 0);
      if (isStuck) process.exitCode = EXIT.failed;
      else if (options.detailedExitcode && sets.some(({ report }) => hasChanges(report))) process.exitCode = EXIT.changes;
    });
}

/** Plans from the hub, or without one; whatever is wrong is on the error stream already. */
export async function planSets(context: CliContext, name: string | undefined, options: PlanOptions): Promise<Answers<PlannedSet>> {
  if (isOffline(options) || options.existing) {
    const { planOffline } = await import('../offline/plan-offline.js');
    const answer = await planOffline({ ...offlineOptions(options, context, { doing: 'planning', name }), now: context.clock.now() });
    for (const fault of answer.faults) context.error(JSON.stringify(fault));
    for (const warning of answer.warnings) context.error(`Warning: ${warning}`);
    for (const { report } of answer.sets) warn(context, report);
    return answer;
  }
  const stored = storedSet(name, options);
  const { answers, faults } = stored
    ? { answers: [{ answer: await context.call<PlannedSet>('planStoredSet', { parameters: stored }) }], faults: [] }
    : await askForFiles(context, options.file ?? [], (text) => context.call<PlannedSet>('planApplicationSet', { body: { text } }));
  const sets = answers.map(({ answer }) => answer);
  for (const { report } of sets) warn(context, report);
  return { sets, warnings: [], faults };
}

function warn(context: CliContext, { set, warnings }: PlanReport): void {
  for (const warning of warnings) context.error(`Warning: ${set}: ${warning}`);
}

async function showPlans(context: CliContext, { sets, warnings, faults }: Answers<PlannedSet>, options: OutputOptions): Promise<void> {
  const { planMarkdown, summarise } = await import('@flotilla/setplan');
  const failures = failuresOf(faults);
  const reports = sets.map(({ report }) => report);
  if (options.output === 'markdown') return context.out(planMarkdown({ plans: sets, failures, warnings }).trimEnd());
  if (options.output === 'json' || options.output === 'yaml') return show(context, reports, [], options, ({ set }) => set);
  const rows = reports.flatMap((report) => rowsOf(report, options.output === 'wide' ? Number.POSITIVE_INFINITY : MAX_FIELDS));
  if (rows.length > 0) show(context, rows, COLUMNS, options, ({ name }) => `application.argoproj.io/${name}`);
  if (options.output !== 'name') context.out(`${rows.length > 0 ? '\n' : ''}${summarise(reports, failures)}`);
}

/** One failure for each set, by its first fault. */
export function failuresOf(faults: readonly OfflineFault[]): { set: string; message: string }[] {
  const bySet = new Map<string, string>();
  for (const { set, file, message } of faults) if (!bySet.has(set ?? file ?? '')) bySet.set(set ?? file ?? '', message);
  return [...bySet].map(([set, message]) => ({ set, message }));
}

function rowsOf({ set, create, change, delete: gone, hold, rule, pending, refused, waiting }: PlanReport, fields: number): Row[] {
  const deletion = (action: string, prefix?: string) => (one: PlannedDeletion) => ({
    ...{ set, action, ...one },
    what: [prefix, one.reason].filter(Boolean).join(': '),
  });
  return [
    ...hold.map(deletion('held', rule)),
    ...refused.map(({ name, message }) => ({ set, action: 'refused', name, what: message })),
    ...gone.map(deletion('delete')),
    ...pending.map((one) => deletion('delete later', `after ${one.deleteAfter}`)(one)),
    ...change.map((one) => ({ set, action: 'change', ...one, what: fieldsText(one.fields, fields) })),
    ...create.map((one) => ({ set, action: 'create', ...one, what: one.path })),
    ...waiting.map((name) => ({ set, action: 'wait', name, what: 'still being deleted, created again afterwards' })),
  ];
}

function shortText(value: unknown): string {
  return value === undefined ? '(none)' : clip(typeof value === 'string' ? value : JSON.stringify(value));
}

function fieldsText(changes: readonly FieldChange[], limit: number): string {
  const shown = changes.slice(0, limit).map((change) => `${change.path}: ${shortText(change.old)} -> ${shortText(change.new)}`);
  return [...shown, ...(changes.length > limit ? [`and ${changes.length - limit} more`] : [])].join(', ');
}
