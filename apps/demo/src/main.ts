import { messageOf, systemClock } from '@flotilla/kernel';
import { closingWords } from './closing-words.js';
import { readDemoConfig } from './demo.config.js';
import { Narrator } from './narrator.js';
import { play } from './play.js';
import { Story } from './story/story.js';
import { World } from './world.js';

const CAST = { dev: 'dev-eu', staging: 'staging-eu', prod: 'prod-us', fleet: 'demo', namespace: 'shop' };
const CLUSTERS = [
  { name: CAST.dev, labels: { env: 'dev', region: 'eu', fleet: 'demo' } },
  { name: CAST.staging, labels: { env: 'staging', region: 'eu', fleet: 'demo' } },
  { name: CAST.prod, labels: { env: 'prod', region: 'us', fleet: 'demo' } },
];

const config = readDemoConfig(process.argv.slice(2));
const narrator = new Narrator(process.stderr, systemClock, process.env);
let world: World | undefined;
let isEnding = false;

async function end(code: number): Promise<never> {
  if (!isEnding) {
    isEnding = true;
    narrator.end();
    await world?.stop();
    await world?.remove();
  }
  process.exit(code);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(130));

try {
  world = await World.create(config.directory);
  await world.simulateClusters(CLUSTERS);
  const summary = await play(new Story(world, narrator, CAST), systemClock);
  narrator.end();
  if (config.exit) {
    console.log(JSON.stringify(summary));
    await end(summary.ok ? 0 : 1);
  }
  if (summary.ok) narrator.block(closingWords(world));
  else narrator.block(`The story stopped; logs are in ${config.directory}/logs. Ctrl-C ends and removes everything.`);
} catch (error) {
  narrator.end();
  console.error(messageOf(error));
  await end(1);
}
