import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startClusters } from '@flotilla/sim';
import { describe, expect } from 'vitest';
import { agentSuite } from '../../apps/agent/src/testing/agent.contract.js';

/** The same suite runs on a real API server in apps/agent/src/agent.kube.test.ts. */
describe('the agent on a simulated cluster', () => {
  agentSuite(async () => {
    const directory = mkdtempSync(join(tmpdir(), 'flotilla-conformance-'));
    const failures: unknown[] = [];
    const [cluster] = await startClusters({ clusters: ['one'], directory }, (error) => failures.push(error));
    return {
      kubeconfig: join(directory, 'one.kubeconfig'),
      stop: async () => {
        await cluster?.stop();
        rmSync(directory, { recursive: true, force: true });
        expect(failures).toEqual([]);
      },
    };
  });
});
