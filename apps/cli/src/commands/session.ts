import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline/promises';
import { fileURLToPath } from 'node:url';
import { AGENT_PROCESS, type ApplyResult } from '@flotilla/contracts';
import { InvalidInputError } from '@flotilla/kernel';
import type { Command } from 'commander';
import { storeConnection } from '../cli.config.js';
import { EXIT } from '../cli.errors.js';
import type { CliContext } from '../context.js';

const AGENT = fileURLToPath(new URL('../../../../agent/dist/src/main.js', import.meta.url));

export function sessionCommands(program: Command, context: CliContext): void {
  program
    .command('login <server>')
    .description('log in to a hub and remember it')
    .option('--username <name>', 'user name', 'admin')
    .option('--password-stdin', 'read the password from standard input')
    .option('--ca <file>', 'CA certificate of the hub, when it has its own (DATA/tls/ca.crt)')
    .action(async (server: string, options: { username: string; passwordStdin?: boolean; ca?: string }) => {
      const url = new URL(server.includes('://') ? server : `https://${server}`);
      if (url.protocol !== 'https:') throw new InvalidInputError(`${server}: the hub speaks https only`);
      const ca = options.ca ? readFileSync(options.ca, 'utf8') : undefined;
      const password = await readPassword(context, options.passwordStdin === true);
      const connection = { server: url.origin, ca };
      const { HubClient } = await import('../hub-client.js');
      const { token, expiresAt } = await new HubClient(connection).call<{ token: string; expiresAt: string }>('login', {
        body: { username: options.username, password },
      });
      context.out(`logged in to ${storeConnection(context.env, { ...connection, token })} until ${expiresAt}`);
    });
  program
    .command('apply')
    .description('apply documents to the hub, as `kubectl apply --server-side` would')
    .requiredOption('-f, --file <file>', 'YAML file, - for standard input')
    .option('--dry-run', 'check only')
    .action(async ({ file, dryRun }: { file: string; dryRun?: boolean }) => {
      const text = readFileSync(file === '-' ? 0 : file, 'utf8');
      const { items } = await context.call<ApplyResult>('apply', { body: { text, file, dryRun } });
      for (const { kind, name, action, warnings, errors } of items) {
        for (const warning of warnings) context.error(`Warning: ${kind} ${name}: ${warning}`);
        context.out(`${kind.toLowerCase()}/${name} ${action}${dryRun ? ' (dry run)' : ''}`);
        for (const error of errors) context.error(`  ${error}`);
      }
      if (items.some(({ action }) => action === 'refused')) process.exitCode = EXIT.failed;
    });
  agentCommand(program, context);
  repositoryCommands(program, context);
}

function agentCommand(program: Command, context: CliContext): void {
  program
    .command('agent')
    .description('run the agent of a cluster beside it')
    .requiredOption('--kubeconfig <file>', 'kubeconfig of the cluster')
    .option('--context <name>', 'context of the kubeconfig')
    .option('--join <token>', 'join token of `flotilla cluster add`; needed once')
    .option('--data <directory>', 'where the agent keeps its identity and state', '.flotilla/agent')
    .action(async ({ kubeconfig, context: name, join, data }: { kubeconfig: string; context?: string; join?: string; data: string }) => {
      const env = {
        KUBECONFIG: kubeconfig,
        FLOTILLA_AGENT_DATA_DIR: data,
        ...(name ? { FLOTILLA_AGENT_CONTEXT: name } : {}),
        ...(join ? { FLOTILLA_JOIN_TOKEN: join } : {}),
      };
      process.exitCode = await runAgent({ ...context.env, ...env });
    });
}

function repositoryCommands(program: Command, context: CliContext): void {
  const repo = program.command('repo').description('Git repositories');
  repo
    .command('add <url>')
    .description('store the credential of a repository')
    .option('--username <name>')
    .option('--password-stdin', 'read the password or token from standard input')
    .option('--ssh-private-key <file>')
    .option('--known-hosts <file>')
    .option('--ca <file>', 'CA certificate of the server')
    .option('--template', 'for every repository whose URL starts with this one')
    .option('--project <project>')
    .action(
      async (
        url: string,
        options: {
          username?: string;
          passwordStdin?: boolean;
          sshPrivateKey?: string;
          knownHosts?: string;
          ca?: string;
          template?: boolean;
          project?: string;
        },
      ) => {
        const file = (path: string | undefined): string | undefined => (path ? readFileSync(path, 'utf8') : undefined);
        const { message } = await context.call<{ message: string }>('addRepository', {
          body: {
            url,
            username: options.username,
            password: options.passwordStdin ? await readPassword(context, true) : undefined,
            sshPrivateKey: file(options.sshPrivateKey),
            knownHosts: file(options.knownHosts),
            ca: file(options.ca),
            isTemplate: options.template,
            project: options.project,
          },
        });
        context.out(message);
      },
    );
}

/** FLOTILLA_PASSWORD, standard input, or a question whose answer is not shown. */
async function readPassword({ env }: CliContext, fromStdin: boolean): Promise<string> {
  if (fromStdin) return readFileSync(0, 'utf8').replace(/\r?\n$/, '');
  if (env.FLOTILLA_PASSWORD) return env.FLOTILLA_PASSWORD;
  if (!process.stdin.isTTY) throw new InvalidInputError('no password: use --password-stdin or set FLOTILLA_PASSWORD');
  const muted = new (await import('node:stream')).Writable({ write: (_chunk, _encoding, next) => next() });
  const prompt = createInterface({ input: process.stdin, output: muted, terminal: true });
  process.stderr.write('Password: ');
  const answer = await prompt.question('');
  prompt.close();
  process.stderr.write('\n');
  return answer;
}

function runAgent(env: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn(process.execPath, [...AGENT_PROCESS.execArgv, AGENT], { stdio: 'inherit', env: { ...env, ...AGENT_PROCESS.env } });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
