import tab from '@bomb.sh/tab/commander';
import { messageOf, systemClock } from '@flotilla/kernel';
import { CommanderError } from 'commander';
import { currentConnection } from './cli.config.js';
import { EXIT, exitCodeOf } from './cli.errors.js';
import { createProgram } from './create-program.js';

const { env } = process;
const program = createProgram({
  env,
  clock: systemClock,
  out: (text) => process.stdout.write(`${text}\n`),
  error: (text) => process.stderr.write(`${text}\n`),
  call: async (id, options) => {
    const connection = currentConnection(env);
    // With it come the schemas of every verb, which nobody needs for --help or a completion.
    const { HubClient } = await import('./hub-client.js');
    return new HubClient(connection).call(id, options);
  },
});
tab(program);

try {
  await program.parseAsync(process.argv);
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else {
    process.stderr.write(`flotilla: ${messageOf(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
