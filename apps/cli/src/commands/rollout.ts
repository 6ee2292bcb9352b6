import type { FleetRollout, RolloutPlan, RolloutView } from '@flotilla/contracts';
import { type Command, Option } from 'commander';
import { type CliContext, listAll, type OutputOptions, place, show } from '../context.js';
import { ago, type Column } from '../print.js';

const columns = (now: number): Column<FleetRollout>[] => [
  { name: 'NAME', value: ({ metadata }) => metadata.name },
  { name: 'OF', value: ({ spec }) => spec.owner.name },
  { name: 'PHASE', value: ({ status }) => status?.phase ?? 'Pending' },
  { name: 'STAGE', value: ({ status }) => status?.stage },
  { name: 'CLUSTERS', value: ({ status }) => progress(status?.stages) },
  { name: 'SINCE', value: ({ status }) => ago(status?.since, now) },
  { name: 'MESSAGE', value: ({ status }) => status?.message },
  { name: 'RELEASE', value: ({ spec }) => spec.release, wide: true },
  { name: 'POLICY', value: ({ spec }) => spec.policy, wide: true },
];

/** Phases a run does not leave by itself. */
const ENDED = ['Completed', 'Failed', 'RolledBack', 'Aborted', 'Superseded'];
const WATCH_MS = 500;

function progress(stages: readonly { healthy: number; total: number }[] = []): string {
  const sum = (field: 'healthy' | 'total'): number => stages.reduce((all, stage) => all + stage[field], 0);
  return stages.length === 0 ? '' : `${sum('healthy')}/${sum('total')}`;
}

export function rolloutCommands(program: Command, context: CliContext): void {
  const rollout = program.command('rollout').description('rollouts of releases through the fleet');
  const output = () => new Option('-o, --output <format>', 'table, wide, json, yaml or name').default('table');
  const nameOf = ({ metadata }: FleetRollout): string => `fleetrollout.flotilla.dev/${metadata.name}`;

  rollout
    .command('plan <set>')
    .description('what the next release of a set would change, where and in which order')
    .addOption(output())
    .action(async (set: string, options: OutputOptions) =>
      showPlan(context, await context.call<RolloutPlan>('planRollout', { parameters: place(set) }), options),
    );
  rollout
    .command('list')
    .alias('ls')
    .description('list rollouts')
    .option('-l, --selector <selector>', 'label selector')
    .addOption(output())
    .action(async (options: { selector?: string } & OutputOptions) =>
      show(
        context,
        await listAll<FleetRollout>(context, 'listRollouts', { selector: options.selector }),
        columns(context.clock.now()),
        options,
        nameOf,
      ),
    );
  rollout
    .command('get <name>')
    .description('one rollout with its targets and its ledger')
    .addOption(output())
    .action(async (name: string, options: OutputOptions) =>
      showRollout(context, await context.call<RolloutView>('getRollout', { parameters: place(name) }), options),
    );
  rollout
    .command('watch <name>')
    .description('follow the ledger of a rollout until it ends')
    .action((name: string) => watch(context, name));
  for (const verb of ['approve', 'reject', 'pause', 'resume', 'abort', 'retry', 'rollback']) {
    const command = rollout.command(`${verb} <name>`).description(`${verb} a rollout`).option('--reason <text>', 'goes into the ledger');
    if (verb === 'rollback') command.option('--to <release>', 'release to go back to; the previous one without it');
    command.action(async (name: string, { reason, to }: { reason?: string; to?: string }) =>
      context.out(
        (
          await context.call<{ message: string }>(`${verb}Rollout`, {
            parameters: place(name),
            body: { reason, ...(to ? { release: to } : {}) },
          })
        ).message,
      ),
    );
  }
}

function showPlan(context: CliContext, plan: RolloutPlan, options: OutputOptions): void {
  if (options.output === 'json' || options.output === 'yaml') {
    show(context, [plan], [], options, ({ owner }) => owner);
    return;
  }
  for (const warning of plan.warnings) context.error(`Warning: ${warning}`);
  context.out(plan.summary);
  for (const [i, { name, approval, clusters, applications }] of plan.stages.entries()) {
    const list = applications ? applications.join(', ') || 'no application' : clusters.join(', ') || 'no cluster';
    context.out(`  ${i + 1}. ${name}${approval ? ' (after approval)' : ''}: ${list}`);
  }
  for (const { clusters, objects } of plan.changes) {
    context.out(`On ${clusters.join(', ')}:`);
    for (const { action, key } of objects) context.out(`  ${{ create: '+', change: '~', delete: '-' }[action]} ${key}`);
  }
  showFates(context, plan);
}

/** What becomes of the set's applications; a hub that does not tell them apart names those that would go. */
function showFates(context: CliContext, { applications, deletions, held }: RolloutPlan): void {
  const say = (title: string, names: readonly string[]): void => {
    if (names.length > 0) context.out(`${title}: ${names.join(', ')}`);
  };
  if (!applications) {
    say(`Applications that would go${held ? ' (HELD)' : ''}`, deletions);
    return;
  }
  say('Applications it would create', applications.create);
  say('Applications it would change', applications.change);
  say('Applications it would delete', applications.delete);
  say('Deletions HELD by the guard', applications.held);
}

function showRollout(context: CliContext, view: RolloutView, options: OutputOptions): void {
  if (options.output === 'json' || options.output === 'yaml') {
    show(context, [view], [], options, ({ rollout }) => rollout.metadata.name);
    return;
  }
  const run = view.rollout as unknown as FleetRollout;
  show(context, [run], columns(context.clock.now()), options, ({ metadata }) => metadata.name);
  if (options.output === 'name') return;
  context.out('');
  const targets = ['stage', 'cluster', 'application', 'state', 'message'] as const;
  show(
    context,
    view.targets,
    targets.map((field) => ({ name: field.toUpperCase(), value: (target: RolloutView['targets'][number]) => target[field] })),
    options,
    ({ cluster }) => cluster,
  );
  context.out('');
  for (const entry of view.ledger) context.out(ledgerLine(entry));
}

async function watch(context: CliContext, name: string): Promise<void> {
  let told = 0;
  for (;;) {
    const { rollout, ledger } = await context.call<RolloutView>('getRollout', { parameters: place(name) });
    for (const entry of ledger.slice(told)) context.out(ledgerLine(entry));
    told = Math.max(told, ledger.length);
    if (ENDED.includes((rollout as unknown as FleetRollout).status?.phase ?? '')) return;
    await context.clock.sleep(WATCH_MS);
  }
}

function ledgerLine({ at, actor, from, to, reason }: RolloutView['ledger'][number]): string {
  return `${at}  ${from === to ? to : `${from} -> ${to}`}  ${reason} (${actor})`;
}
