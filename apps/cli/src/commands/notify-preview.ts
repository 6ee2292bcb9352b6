import type { NotifyPreview } from '@flotilla/contracts';
import { InvalidInputError } from '@flotilla/kernel';
import { type Command, Option } from 'commander';
import { type CliContext, place } from '../context.js';
import { oneLine } from '../print.js';

interface PreviewOptions {
  trigger?: string;
  template?: string;
  service?: string;
  recipient?: string;
  kind: string;
  output: string;
}

/** `flotilla notify preview`: renders for a document as it is now, and sends nothing. */
export function notifyPreviewCommand(notify: Command, context: CliContext): void {
  notify
    .command('preview <name>')
    .description('show what a trigger or template gives for NAME or NAMESPACE/NAME; nothing is sent, secrets are masked')
    .option('--trigger <trigger>', 'its conditions, and the templates they send')
    .option('--template <template>', 'a template')
    .option('--service <service>', 'for this service only')
    .option('--recipient <recipient>', 'as if sent to it')
    .addOption(new Option('--kind <kind>', 'what NAME is').choices(['Application', 'FleetRollout', 'Cluster']).default('Application'))
    .addOption(new Option('-o, --output <format>', 'text or json').choices(['text', 'json']).default('text'))
    .action(async (name: string, { output, ...options }: PreviewOptions) => {
      if (!options.trigger && !options.template) throw new InvalidInputError('name a --trigger or a --template');
      const preview = await context.call<NotifyPreview>('previewNotification', { body: { ...place(name), ...options } });
      context.out(output === 'json' ? JSON.stringify(preview, null, 2) : describePreview(preview));
    });
}

function describePreview({ conditions, messages, destinations }: NotifyPreview): string {
  const lines = conditions.map(({ trigger, when, holds, oncePer, problem }) => {
    const once = oncePer === undefined ? '' : `, once per ${oncePer}`;
    return oneLine(
      `trigger ${trigger}: ${holds ? 'holds' : 'does not hold'}${once} (${when})${problem === undefined ? '' : `: ${problem}`}`,
    );
  });
  const told = destinations.map(
    ({ trigger, service, recipient }) => `subscribed: ${trigger} to ${service}${recipient ? ` ${recipient}` : ''}`,
  );
  if (messages.length === 0) lines.push('no service is configured, so nothing is rendered');
  const shown = messages.flatMap(({ template, service, title, body, parts, error }) => [
    '',
    `template ${template} for ${service}`,
    ...(error === undefined
      ? [`  title: ${oneLine(title)}`, ...indent(body), ...(parts === undefined ? [] : indent(JSON.stringify(parts, null, 2)))]
      : [`  cannot be rendered: ${oneLine(error)}`]),
  ]);
  return [...lines, ...told, ...shown].join('\n');
}

/** Line breaks stay; other control characters are no business of a terminal. */
const indent = (text: string): string[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line.replace(/\p{Cc}/gu, ' ')}`);
