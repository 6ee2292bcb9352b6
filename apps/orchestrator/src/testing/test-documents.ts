import type { ResourceDocument } from '@flotilla/contracts';

export const REPO = 'https://git.example/fleet.git';

export const configMap = (name: string, value: string): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name },
  data: { value },
});

export const applicationOf = (name: string, cluster: string, rest: { spec?: object; metadata?: object } = {}): ResourceDocument => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name, namespace: 'argocd', ...rest.metadata },
  spec: {
    project: 'default',
    source: { repoURL: REPO, path: 'apps' },
    destination: { name: cluster, namespace: 'default' },
    syncPolicy: { automated: {} },
    ...rest.spec,
  },
});
