import type { Cluster, ClusterAddReply } from '@flotilla/contracts';
import { type Command, Option } from 'commander';
import { type CliContext, listAll, type OutputOptions, pairs, show } from '../context.js';
import { ago, type Column } from '../print.js';

const columns = (now: number): Column<Cluster>[] => [
  { name: 'NAME', value: ({ metadata }) => metadata.name },
  { name: 'STATUS', value: ({ status }) => status?.phase ?? 'Unknown' },
  { name: 'SINCE', value: ({ status }) => ago(status?.since, now) },
  { name: 'KUBERNETES', value: ({ status }) => status?.kubernetesVersion },
  {
    name: 'LABELS',
    value: ({ metadata }) =>
      Object.entries(metadata.labels ?? {})
        .map(([key, value]) => `${key}=${value}`)
        .join(','),
  },
  { name: 'PROJECT', value: ({ spec }) => spec.project, wide: true },
  { name: 'SERVER', value: ({ spec }) => spec.server, wide: true },
  { name: 'AGENT', value: ({ status }) => status?.agentVersion, wide: true },
  { name: 'LAST SEEN', value: ({ status }) => status?.lastSeenAt, wide: true },
];

const output = (): Option => new Option('-o, --output <format>', 'table, wide, json, yaml or name').default('table');

export function clusterCommands(program: Command, context: CliContext): void {
  const cluster = program.command('cluster').description('clusters of the fleet');

  cluster
    .command('add [name]')
    .description('make a join token and print the command for the agent')
    .option('-l, --label <key=value...>', 'labels of the cluster')
    .option('--project <project>', 'project whose generators see the cluster')
    .option('--uses <n>', 'how many agents may use the token', Number)
    .option('--valid-for <duration>', 'how long the token is good', '24h')
    .option('--auto-accept', 'accept agents of a token with several uses without asking')
    .addOption(output())
    .action(
      async (
        name: string | undefined,
        options: { label?: string[]; project?: string; uses?: number; validFor: string; autoAccept?: boolean } & OutputOptions,
      ) => {
        const { label, project, uses, validFor, autoAccept } = options;
        const reply = await context.call<ClusterAddReply>('addCluster', {
          body: { name, labels: pairs(label), project, uses, validFor, autoAccept },
        });
        if (options.output === 'json') context.out(JSON.stringify(reply, null, 2));
        else context.out(`Run this beside the cluster, or with the agent's chart in it, before ${reply.expiresAt}:\n\n  ${reply.command}`);
      },
    );
  cluster
    .command('list')
    .alias('ls')
    .description('list clusters')
    .option('-l, --selector <selector>', 'label selector')
    .addOption(output())
    .action(async (options: { selector?: string } & OutputOptions) => {
      const clusters = await listAll<Cluster>(context, 'listClusters', { selector: options.selector });
      show(context, clusters, columns(context.clock.now()), options, ({ metadata }) => `cluster/${metadata.name}`);
    });
  cluster
    .command('get <name>')
    .description('show one cluster')
    .addOption(output())
    .action(async (name: string, options: OutputOptions) => {
      const found = await context.call<Cluster>('getCluster', { parameters: { name } });
      show(context, [found], columns(context.clock.now()), options, ({ metadata }) => `cluster/${metadata.name}`);
    });
  changeCommands(cluster, context);
}

/** What people decide about a cluster that is there. */
function changeCommands(cluster: Command, context: CliContext): void {
  const done = async (id: string, name: string, body: object = {}): Promise<void> =>
    context.out((await context.call<{ message: string }>(id, { parameters: { name }, body })).message);
  cluster
    .command('accept <name>')
    .description('accept an agent that waits, or end a quarantine')
    .action((name: string) => done('acceptCluster', name));
  cluster
    .command('revoke <name>')
    .description('revoke the credential of a cluster and cut its connection')
    .option('--reason <text>')
    .action((name: string, { reason }: { reason?: string }) => done('revokeCluster', name, { reason }));
  cluster
    .command('confirm-delete <name>')
    .description('let a held deletion of a cluster go on; its applications stay as they are')
    .action((name: string) => done('confirmDeleteCluster', name));
  cluster
    .command('bind <name>')
    .description('make the agent enrolled as another cluster the agent of this one')
    .requiredOption('--agent-of <cluster>', 'cluster whose agent it is now')
    .action((name: string, { agentOf }: { agentOf: string }) => done('bindCluster', name, { spokeOf: agentOf }));
}
