import { messageOf, onStopSignal, systemClock } from '@flotilla/kernel';
import { readDemoConfig } from './demo.config.js';
import { Narrator } from './narrator.js';
import { Theatre } from './theatre.js';

const narrator = new Narrator(process.stderr, systemClock, process.env);
const theatre = new Theatre(narrator);
let ending: Promise<never> | undefined;

function end(code: number): Promise<never> {
  ending ??= theatre.close().then(
    () => process.exit(code),
    (error: unknown) => {
      console.error(messageOf(error));
      process.exit(1);
    },
  );
  return ending;
}
onStopSignal(() => void end(130));

try {
  const config = readDemoConfig(process.argv.slice(2), process.env);
  const summary = await theatre.play(config);
  if (config.exit) {
    const code = summary.ok ? 0 : 1;
    console.log(JSON.stringify(summary));
    await end(code);
  }
  theatre.showWhatNext(summary);
} catch (error) {
  if (!ending) console.error(messageOf(error));
  await end(1);
}
