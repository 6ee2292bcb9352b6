import { messageOf, onStopSignal } from '@flotilla/kernel';
import { readSimConfig } from './sim.config.js';
import { startClusters } from './start-clusters.js';

try {
  const clusters = await startClusters(readSimConfig(process.argv.slice(2)), (error) => console.error(error));
  for (const { name, url } of clusters) console.log(`${name} serves ${url}`);
  onStopSignal(() => void Promise.all(clusters.map((cluster) => cluster.stop())).then(() => process.exit(0)));
} catch (error) {
  console.error(messageOf(error));
  process.exit(1);
}
