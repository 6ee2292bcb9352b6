import type { Application } from '@flotilla/contracts';
import { InvalidInputError, parseDuration } from '@flotilla/kernel';
import { type Command, Option } from 'commander';
import { EXIT, WaitTimeoutError } from '../cli.errors.js';
import { type CliContext, listAll, type OutputOptions, place, show } from '../context.js';
import type { Column } from '../print.js';
import { type ObjectDiff, showDiff, showTree, type TreeNode } from './app-objects.js';

const COLUMNS: Column<Application>[] = [
  { name: 'NAME', value: ({ metadata }) => metadata.name },
  { name: 'CLUSTER', value: ({ spec }) => spec.destination.name ?? spec.destination.server },
  { name: 'SYNC', value: ({ status }) => status?.sync?.status ?? 'Unknown' },
  { name: 'HEALTH', value: ({ status }) => status?.health?.status ?? 'Unknown' },
  { name: 'REVISION', value: ({ status }) => status?.sync?.revision?.slice(0, 8) },
  { name: 'MESSAGE', value: ({ status }) => status?.conditions?.[0]?.message ?? status?.health?.message },
  { name: 'NAMESPACE', value: ({ spec }) => spec.destination.namespace, wide: true },
  { name: 'PROJECT', value: ({ spec }) => spec.project, wide: true },
  { name: 'UNKNOWN SINCE', value: ({ status }) => status?.unknownSince, wide: true },
];
const POLL_MS = 500;

export function appCommands(program: Command, context: CliContext): void {
  const app = program.command('app').description('applications');
  documentCommands(app, context);
  syncCommands(app, context);
  guardCommands(app, context);
  objectCommands(app, context);
}

const output = (): Option => new Option('-o, --output <format>', 'table, wide, json, yaml or name').default('table');
const nameOf = ({ metadata }: Application): string => `application.argoproj.io/${metadata.name}`;
const getApplication = (context: CliContext, name: string): Promise<Application> =>
  context.call('getApplication', { parameters: place(name) });

function documentCommands(app: Command, context: CliContext): void {
  app
    .command('list')
    .alias('ls')
    .description('list applications')
    .option('-l, --selector <selector>', 'label selector')
    .option('-n, --namespace <namespace>')
    .addOption(output())
    .action(async (options: { selector?: string; namespace?: string } & OutputOptions) => {
      show(
        context,
        await listAll<Application>(context, 'listApplications', { selector: options.selector, namespace: options.namespace }),
        COLUMNS,
        options,
        nameOf,
      );
    });
  app
    .command('get <name>')
    .description('show one application')
    .addOption(output())
    .action(async (name: string, options: OutputOptions) => show(context, [await getApplication(context, name)], COLUMNS, options, nameOf));
}

function syncCommands(app: Command, context: CliContext): void {
  app
    .command('sync <name>')
    .description('apply what is released for an application now')
    .option('--prune', 'delete objects that are no longer desired')
    .option('--dry-run', 'compare only')
    .option('--wait', 'wait until it is Synced and Healthy')
    .option('--timeout <duration>', 'how long to wait', '5m')
    .action(async (name: string, options: { prune?: boolean; dryRun?: boolean; wait?: boolean; timeout: string }) => {
      const { message } = await context.call<{ message: string }>('syncApplication', {
        parameters: place(name),
        body: { prune: options.prune, dryRun: options.dryRun },
      });
      context.out(message);
      if (options.wait) await waitFor(context, () => getApplication(context, name), isSettled, options.timeout);
    });
  app
    .command('wait <name>')
    .description('wait until an application is Synced and Healthy')
    .option('--timeout <duration>', 'how long to wait', '5m')
    .action((name: string, { timeout }: { timeout: string }) => waitFor(context, () => getApplication(context, name), isSettled, timeout));
}

function guardCommands(app: Command, context: CliContext): void {
  app
    .command('confirm-deletion <name> <documents...>')
    .alias('confirm-deletes')
    .description('release held or pending deletions of what an application keeps in the hub (app of apps), by Kind/name')
    .action(async (name: string, names: string[]) =>
      context.out((await context.call<{ message: string }>('confirmDeletion', { parameters: place(name), body: { names } })).message),
    );
  app
    .command('restore <name> <documents...>')
    .description('keep documents whose deletion by an application is held or pending (app of apps), by Kind/name; they are no longer of it')
    .action(async (name: string, names: string[]) =>
      context.out((await context.call<{ message: string }>('restoreDocuments', { parameters: place(name), body: { names } })).message),
    );
}

function objectCommands(app: Command, context: CliContext): void {
  app
    .command('diff <name>')
    .description('differences between desired and live objects; exit code 1 when there are any')
    .addOption(output())
    .action(async (name: string, options: OutputOptions) => {
      const { items } = await context.call<{ items: ObjectDiff[] }>('diffApplication', { parameters: place(name) });
      if (showDiff(context, items, options)) process.exitCode = EXIT.differs;
    });
  app
    .command('tree <name>')
    .description('objects of an application with their children')
    .addOption(output())
    .action(async (name: string, options: OutputOptions) => {
      const { items } = await context.call<{ items: { nodes?: TreeNode[] }[] }>('treeApplication', { parameters: place(name) });
      showTree(
        context,
        items.flatMap(({ nodes = [] }) => nodes),
        options,
      );
    });
  app
    .command('history <name>')
    .description('releases an application went through')
    .addOption(output())
    .action(async (name: string, options: OutputOptions) => {
      const { items } = await context.call<{ items: Record<string, unknown>[] }>('applicationHistory', { parameters: place(name) });
      const columns = ['id', 'revision', 'deployedAt'].map((field) => ({
        name: field.toUpperCase(),
        value: (row: Record<string, unknown>) => row[field],
      }));
      show(context, items, columns, options, (row) => String(row.id));
    });
}

function isSettled({ status }: Application): boolean {
  return status?.sync?.status === 'Synced' && status.health?.status === 'Healthy';
}

/** @throws WaitTimeoutError saying what it was last */
export async function waitFor<T extends { metadata: { name: string } }>(
  context: CliContext,
  read: () => Promise<T>,
  isDone: (value: T) => boolean,
  timeout: string,
): Promise<void> {
  const limit = parseDuration(timeout);
  if (limit <= 0) throw new InvalidInputError('--timeout must be more than 0');
  const deadline = context.clock.now() + limit;
  for (;;) {
    const value = await read();
    if (isDone(value)) {
      context.out(`${value.metadata.name} is done`);
      return;
    }
    if (context.clock.now() > deadline)
      throw new WaitTimeoutError(
        `waited ${timeout} for ${value.metadata.name}: ${JSON.stringify((value as { status?: unknown }).status ?? {}).slice(0, 300)}`,
      );
    await context.clock.sleep(POLL_MS);
  }
}
