import { createProgram } from '@flotilla/cli';
import { EXIT } from '../../../apps/cli/src/cli.errors.js';
import { code, fence, type Page, page, table } from './markdown.js';

type Command = ReturnType<typeof createProgram>;

const CONTEXT = {
  env: {},
  clock: { now: () => 0, sleep: () => Promise.resolve() },
  out: () => {},
  error: () => {},
  call: () => Promise.reject(new Error('the reference calls nothing')),
} as unknown as Parameters<typeof createProgram>[0];

/** Read by apps/cli/src/cli.config.ts and commands/session.ts; they win over what `login` stored. */
const VARIABLES = [
  ['FLOTILLA_SERVER', 'URL of the hub, instead of the one `login` stored'],
  ['FLOTILLA_TOKEN', 'Bearer token that goes with it'],
  ['FLOTILLA_CA_FILE', "PEM file of the hub's CA"],
  ['FLOTILLA_PASSWORD', 'Password for `login`, where nobody can be asked'],
  ['FLOTILLA_CONFIG', 'File of the stored logins; default `$XDG_CONFIG_HOME/flotilla/config.json`, mode 0600'],
];

const EXIT_MEANINGS: Record<keyof typeof EXIT, string> = {
  ok: 'done',
  failed: 'the hub refused, or could not do it',
  usage: 'the command line is wrong',
  differs: '`app diff` or `appset diff` found differences; `appset plan` found something held or refused',
  diffFailed: '`appset diff` failed, which 1 must not mean there',
  changes: '`appset plan --detailed-exitcode` found changes',
  unauthenticated: 'not logged in, or the session ended',
  timeout: 'what was waited for did not come in time',
};

export function cliPage(): Page {
  const program = createProgram(CONTEXT);
  return page(
    'cli.md',
    'Command line',
    'In a checkout it is `npx flotilla`. Names are `NAME` in namespace `argocd`, or `NAMESPACE/NAME`.',
    '`flotilla complete bash|zsh|fish|powershell` prints the completion script of a shell.',
    ...program.commands.flatMap((command) => commandBlocks(command, program.name(), '##')),
    '## Exit codes',
    table(
      ['Code', 'Meaning'],
      Object.entries(EXIT)
        .map(([name, value]) => [String(value), EXIT_MEANINGS[name as keyof typeof EXIT]])
        .sort(([a = ''], [b = '']) => a.localeCompare(b)),
    ),
    '## Variables',
    table(
      ['Variable', 'What it is'],
      VARIABLES.map(([name = '', text = '']) => [code(name), text]),
    ),
  );
}

function commandBlocks(command: Command, parent: string, heading: string): string[] {
  const name = `${parent} ${command.name()}`;
  if (command.commands.length > 0)
    return [
      `${heading} ${name}`,
      sentence(command.description()),
      ...command.commands.flatMap((child) => commandBlocks(child, name, `${heading}#`)),
    ];
  const alias = command.aliases().map(code).join(', ');
  return [
    `${heading} ${name}`,
    `${sentence(command.description())}${alias ? ` Also ${alias}.` : ''}`,
    fence(`${parent} ${command.name()} ${command.usage()}`.trim()),
    table(
      ['Option', 'What it does', 'Default'],
      command.options.map(({ flags, description, defaultValue, mandatory }) => [
        code(flags),
        `${description}${mandatory ? `${description ? '; ' : ''}required` : ''}`,
        defaultValue === undefined ? '' : code(String(defaultValue)),
      ]),
    ),
  ].filter((block) => block !== '');
}

function sentence(text: string): string {
  return text === '' ? '' : `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}
