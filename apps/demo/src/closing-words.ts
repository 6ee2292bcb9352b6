import { readFileSync } from 'node:fs';
import type { World } from './world.js';

/** What to do next, with everything one needs for it. */
export function closingWords(world: World, namespace: string): string {
  const { url, grpc, kubeconfig, caFile, username, passwordFile } = world.hub.facts;
  const password = readFileSync(passwordFile, 'utf8').trim();
  const clusters = world.spokes.map(
    ({ name, kubeconfig: file }) => `    ${name.padEnd(12)} kubectl --kubeconfig ${file} -n ${namespace} get deployments`,
  );
  return `
The fleet stays up until Ctrl-C.

  Hub          ${url}   (gRPC ${grpc})
  Login        ${username} / ${password}
  kubectl      export KUBECONFIG=${kubeconfig}
               kubectl -n argocd get applications,clusters,fleetrollouts -o wide
  Clusters
${clusters.join('\n')}

  Join a real cluster:
    npx flotilla login ${url} --ca ${caFile}
    npx flotilla cluster add my-cluster --label env=dev --label fleet=demo
    npx flotilla agent --kubeconfig ~/.kube/config --join TOKEN

  Try next:
    npx flotilla app list
    npx flotilla rollout list
    npx flotilla secret receipts
    npx flotilla notify receipts
    npx flotilla appset generate web
`;
}
