import { messageOf, onStopSignal } from '@flotilla/kernel';
import { readAgentConfig } from './agent.config.js';
import { startAgent } from './start-agent.js';

try {
  const agent = await startAgent(readAgentConfig());
  onStopSignal(() => {
    agent.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
  await agent.ended;
  await agent.stop();
  process.exitCode = 3;
} catch (error) {
  process.stderr.write(`flotilla agent: ${messageOf(error)}\n`);
  process.exitCode = 1;
}
