import { messageOf, onStopSignal } from '@flotilla/kernel';
import { readHubConfig } from './hub.config.js';
import { type RunningHub, startHub } from './start-hub.js';

const FORCED_EXIT_MS = 20_000;

function greet({ facts, initialPassword, notes }: RunningHub): void {
  console.log(`
Flotilla serves ${facts.url}   (gRPC ${facts.grpc}, NATS ${facts.nats})
  ${notes.join('; ')}
  Login    ${facts.username} / ${initialPassword ?? `(as you set it; the first one is in ${facts.passwordFile})`}
  kubectl  export KUBECONFIG=${facts.kubeconfig}
  Join     npx flotilla login ${facts.url} --ca ${facts.caFile}
           npx flotilla cluster add NAME
`);
}

try {
  const hub = await startHub(readHubConfig(process.argv.slice(2), process.env), process.env);
  greet(hub);
  onStopSignal(() => {
    setTimeout(() => process.exit(1), FORCED_EXIT_MS).unref();
    hub.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(`flotilla: did not stop in order: ${messageOf(error)}`);
        process.exit(1);
      },
    );
  });
} catch (error) {
  console.error(`flotilla: ${messageOf(error)}`);
  process.exit(1);
}
