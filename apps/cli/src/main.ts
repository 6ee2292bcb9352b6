import tab from '@bomb.sh/tab/commander';
import { messageOf, systemClock } from '@flotilla/kernel';
import { CommanderError } from 'commander';
import { currentConnection } from './cli.config.js';
import { EXIT, exitCodeOf } from './cli.errors.js';
import { createProgram } from './create-program.js';
import { HubClient } from './hub-client.js';

const { env } = process;
const program = createProgram({
  env,
  clock: systemClock,
  out: (text) => process.stdout.write(`${text}\n`),
  error: (text) => process.stderr.write(`${text}\n`),
  call: (id, options) => new HubClient(currentConnection(env)).call(id, options),
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
