import type { OrchestratorUnderTest } from './orchestrator-under-test.js';

const ENVIRONMENTS = ['dev', 'staging', 'prod'];

/** Set `web` over clusters dev, staging and prod: a stage each, one cluster at a time, prod after approval. */
export async function applyStagedSet(hub: OrchestratorUnderTest, policy: object = {}, application: object = {}): Promise<void> {
  for (const env of ENVIRONMENTS) await hub.cluster(env, { env });
  const stage = (env: string, rest: object = {}) => ({ name: env, clusterSelector: { matchLabels: { env } }, ...rest });
  await hub.apply({
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'RolloutPolicy',
    metadata: { name: 'staged', namespace: 'argocd' },
    spec: {
      maxConcurrent: 1,
      maxFailures: 0,
      timeout: '60s',
      stages: [stage('dev'), stage('staging'), stage('prod', { approval: true })],
      ...policy,
    },
  });
  const clusters = Object.fromEntries(ENVIRONMENTS.map((env) => [env, application]));
  await hub.applySet('web', { 'flotilla.dev/rollout-policy': 'staged' }, clusters);
}
