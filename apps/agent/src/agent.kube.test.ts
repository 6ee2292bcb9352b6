import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { applyManifests, KubeClient, loadKubeconfig, requestToken } from '@flotilla/kubeclient';
import { FakeKubelet, type Kubernetes, startKubernetes } from '@flotilla/testkit';
import { parseYaml } from '@flotilla/yaml';
import { describe } from 'vitest';
import { agentSuite } from './testing/agent.contract.js';

const MANIFESTS = fileURLToPath(new URL('../../../deploy/agent', import.meta.url));

describe('the agent on a real Kubernetes API, with no more rights than its manifests give', () => {
  agentSuite(async () => {
    const kubernetes = await startKubernetes();
    const kubelet = new FakeKubelet(kubernetes.kubeconfig);
    return {
      kubeconfig: kubernetes.kubeconfig,
      agentKubeconfig: kubernetes.kubeconfigFor(await agentToken(kubernetes)),
      stop: async () => {
        await kubelet.stop();
        await kubernetes.stop();
      },
    };
  });
});

/** Applies what a cluster gets for its agent and asks for a token of the agent's account. */
async function agentToken(kubernetes: Kubernetes): Promise<string> {
  const client = new KubeClient(loadKubeconfig(kubernetes.kubeconfig));
  const documents = ['base/account.yaml', 'base/deployment.yaml', 'rbac.yaml'].flatMap((file) =>
    parseYaml(readFileSync(`${MANIFESTS}/${file}`, 'utf8'), { file }),
  );
  await applyManifests(client, documents, { fieldManager: 'test', fieldValidation: 'Strict' });
  const token = await requestToken(client, { namespace: 'flotilla-agent', name: 'flotilla-agent' });
  client.close();
  return token;
}
