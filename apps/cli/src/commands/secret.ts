import type { ReceiptsVerbReply, SecretGrant } from '@flotilla/contracts';
import { type Command, Option } from 'commander';
import { type CliContext, listAll, type OutputOptions, show } from '../context.js';
import { ago, type Column } from '../print.js';

type Receipt = ReceiptsVerbReply['receipts'][number];

/** Enough of a digest to tell versions apart at a glance. */
const SHORT = 12;
const short = (version: string | undefined): string => version?.slice(0, SHORT) ?? '';

const grantColumns = (now: number): Column<SecretGrant>[] => [
  { name: 'NAME', value: ({ metadata }) => metadata.name },
  { name: 'FROM', value: ({ spec }) => `${spec.from.kind}/${spec.from.name}` },
  { name: 'TARGET', value: ({ spec }) => `${spec.target.namespace}/${spec.target.name}` },
  { name: 'STORE', value: ({ status }) => status?.store },
  { name: 'READY', value: ({ status }) => readyOf(status)?.status },
  { name: 'VERSION', value: ({ status }) => short(status?.version) },
  { name: 'SINCE', value: ({ status }) => ago(status?.since, now) },
  { name: 'READ', value: ({ status }) => ago(status?.refreshedAt, now) },
  { name: 'PROJECT', value: ({ spec }) => spec.project, wide: true },
  { name: 'MESSAGE', value: ({ status }) => readyOf(status)?.message, wide: true },
];

const receiptColumns = (now: number): Column<Receipt>[] => [
  { name: 'CLUSTER', value: ({ cluster }) => cluster },
  { name: 'SECRET', value: ({ source }) => source },
  { name: 'APPLICATION', value: ({ application }) => application },
  { name: 'VERSION', value: ({ version }) => short(version) },
  { name: 'DONE', value: ({ done }) => (done ? 'yes' : 'no') },
  { name: 'SEEN', value: ({ observedAt }) => ago(observedAt, now) },
  { name: 'MESSAGE', value: ({ message }) => message },
];

function readyOf(status: SecretGrant['status']) {
  return status?.conditions?.find(({ type }) => type === 'Ready');
}

/** Commands over secrets; none of them ever shows a value. */
export function secretCommands(program: Command, context: CliContext): void {
  const secret = program.command('secret').description('secrets that the hub reads for clusters');
  const output = () => new Option('-o, --output <format>', 'table, wide, json, yaml or name').default('table');
  const namespace = () => new Option('-n, --namespace <namespace>', 'namespace of the applications');

  secret
    .command('list')
    .alias('ls')
    .description('list secrets with their stores and versions')
    .addOption(namespace())
    .option('-l, --selector <selector>', 'label selector')
    .addOption(output())
    .action(async (options: OutputOptions & { namespace?: string; selector?: string }) => {
      const { namespace: place, selector } = options;
      const grants = await listAll<SecretGrant>(context, 'listSecrets', { namespace: place, selector });
      show(context, grants, grantColumns(context.clock.now()), options, ({ metadata }) => `secretgrant.flotilla.dev/${metadata.name}`);
    });

  secret
    .command('rotate [name]')
    .description('read secrets from their providers now; clusters whose value changed get the new one')
    .addOption(namespace())
    .option('-l, --selector <selector>', 'label selector')
    .option('--store <store>', 'all of a store: NAME or KIND/NAME')
    .action(async (name: string | undefined, body: { namespace?: string; selector?: string; store?: string }) => {
      const answer = await context.call<{ message: string; grants: string[] }>('rotateSecrets', { body: { ...body, name } });
      context.out(answer.message);
      for (const grant of answer.grants) context.out(`  ${grant}`);
    });

  secret
    .command('receipts [name]')
    .description('which cluster runs which version')
    .addOption(namespace())
    .addOption(output())
    .action(async (source: string | undefined, options: OutputOptions & { namespace?: string }) => {
      const query = { namespace: options.namespace, source };
      const { receipts } = await context.call<ReceiptsVerbReply>('listSecretReceipts', { query });
      const columns = receiptColumns(context.clock.now());
      show(context, receipts, columns, options, ({ cluster, source: named }) => `${cluster}/${named}`);
    });
}
