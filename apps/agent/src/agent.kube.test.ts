import { FakeKubelet, startKubernetes } from '@flotilla/testkit';
import { describe } from 'vitest';
import { agentSuite } from './testing/agent.contract.js';

describe('the agent on a real Kubernetes API', () => {
  agentSuite(async () => {
    const kubernetes = await startKubernetes();
    const kubelet = new FakeKubelet(kubernetes.kubeconfig);
    return {
      kubeconfig: kubernetes.kubeconfig,
      stop: async () => {
        await kubelet.stop();
        await kubernetes.stop();
      },
    };
  });
});
