import type { NotifyFinding, NotifyReceipt } from '@flotilla/contracts';
import { type Command, Option } from 'commander';
import { EXIT } from '../cli.errors.js';
import { type CliContext, type OutputOptions, show } from '../context.js';
import { ago, type Column, oneLine } from '../print.js';
import { notifyPreviewCommand } from './notify-preview.js';

/** Enough of an id to name a message at a glance, and to `replay` it. */
const SHORT = 12;

const receiptColumns = (now: number): Column<NotifyReceipt>[] => [
  { name: 'ID', value: ({ id }) => id.slice(0, SHORT) },
  { name: 'STATE', value: ({ state, mayBeDuplicate }) => (mayBeDuplicate ? `${state} (possible duplicate)` : state) },
  { name: 'TRIGGER', value: ({ trigger, type }) => (type === 'collapsed' ? `${trigger} (collapsed)` : trigger) },
  { name: 'ABOUT', value: ({ about }) => about },
  { name: 'SERVICE', value: ({ service }) => service },
  { name: 'RECIPIENT', value: ({ recipient }) => recipient },
  { name: 'ATTEMPTS', value: ({ attempts }) => attempts },
  { name: 'WHEN', value: ({ endedAt, createdAt }) => ago(endedAt ?? createdAt, now) },
  { name: 'PROVIDER ID', value: ({ providerId }) => providerId },
  { name: 'TEMPLATE', value: ({ template }) => template, wide: true },
  { name: 'NEXT', value: ({ nextAttemptAt }) => nextAttemptAt, wide: true },
  { name: 'MESSAGE', value: ({ error, detail }) => error?.message ?? detail },
];

/** Commands over notifications. */
export function notifyCommands(program: Command, context: CliContext): void {
  const notify = program.command('notify').description('notifications: what was sent, tests, previews and their configuration');
  const output = () => new Option('-o, --output <format>', 'table, wide, json, yaml or name').default('table');

  notify
    .command('receipts [name]')
    .description('messages, newest first: who, when, provider id, state and attempts; NAME is what they are about')
    .addOption(new Option('--state <state>', 'only these').choices(['waiting', 'sending', 'sent', 'dead']))
    .option('--service <service>', 'only messages of a service')
    .option('--limit <number>', 'how many at most', '50')
    .addOption(output())
    .action(async (name: string | undefined, options: OutputOptions & { state?: string; service?: string; limit: string }) => {
      const { state, service, limit } = options;
      const { items } = await context.call<{ items: NotifyReceipt[] }>('listNotifications', { query: { name, state, service, limit } });
      show(context, items, receiptColumns(context.clock.now()), options, ({ id }) => id);
    });

  notify
    .command('test <service> [recipient]')
    .description('send one message through a service now')
    .action(async (service: string, recipient = '') => {
      const receipt = await context.call<NotifyReceipt>('testNotification', { body: { service, recipient } });
      if (receipt.state !== 'sent') {
        context.error(`not sent: ${oneLine(receipt.error?.message ?? receipt.state)}`);
        process.exitCode = EXIT.failed;
        return;
      }
      const parts = [receipt.detail, receipt.providerId && `provider id ${receipt.providerId}`].filter(Boolean);
      context.out(`sent${parts.length > 0 ? `: ${oneLine(parts.join(', '))}` : ''}`);
    });

  notifyPreviewCommand(notify, context);

  notify
    .command('replay <id>')
    .description('send a dead letter again; the id may be cut short')
    .action(async (id: string) => {
      context.out((await context.call<{ message: string }>('replayNotification', { parameters: { id } })).message);
    });

  notify
    .command('check')
    .description('what is wrong with argocd-notifications-cm and the services in it')
    .action(async () => {
      const { findings } = await context.call<{ findings: NotifyFinding[] }>('checkNotifications');
      for (const { severity, key, line, message } of findings) {
        context.out(`${severity}: ${oneLine(`${key}${line === undefined ? '' : `:${line}`}: ${message}`)}`);
      }
      if (findings.length === 0) context.out('nothing to remark');
      if (findings.some(({ severity }) => severity === 'error')) process.exitCode = EXIT.failed;
    });
}
