import type { DemoDocument } from '@flotilla/demo';

export const NAMESPACE = 'shop';
export const FLEET = 'short';
export const CLUSTERS = [
  { name: 'east', labels: { fleet: FLEET, ring: 'canary' } },
  { name: 'west', labels: { fleet: FLEET, ring: 'rest' } },
];

const CONTROL = 'argocd';
const SYNC_POLICY = { automated: { prune: true, selfHeal: true }, syncOptions: ['CreateNamespace=true'] };

const set = (
  name: string,
  policy: string,
  generator: unknown,
  template: { name: string; path: string; cluster: string },
  repoURL: string,
) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: { name, namespace: CONTROL, annotations: { 'flotilla.dev/rollout-policy': policy } },
  spec: {
    generators: [generator],
    template: {
      metadata: { name: template.name },
      spec: {
        project: 'short',
        source: { repoURL, targetRevision: 'main', path: template.path },
        destination: { name: template.cluster, namespace: NAMESPACE },
        syncPolicy: SYNC_POLICY,
      },
    },
  },
});

/** What the short story gives to the hub: a project, a policy with two stages, a set over clusters and one over directories. */
export function documents(repoURL: string): DemoDocument[] {
  return [
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AppProject',
      metadata: { name: 'short', namespace: CONTROL },
      spec: {
        sourceRepos: ['*'],
        destinations: [{ name: '*', namespace: NAMESPACE }],
        clusterResourceWhitelist: [{ group: '', kind: 'Namespace' }],
      },
    },
    {
      apiVersion: 'flotilla.dev/v1alpha1',
      kind: 'RolloutPolicy',
      metadata: { name: 'ringed', namespace: CONTROL },
      spec: {
        maxConcurrent: 1,
        // A killed component costs time, never the release.
        timeout: '5m',
        stages: [
          { name: 'canary', clusterSelector: { matchLabels: { ring: 'canary' } } },
          { name: 'rest', clusterSelector: { matchLabels: { ring: 'rest' } } },
        ],
      },
    },
    set(
      'shop',
      'ringed',
      { clusters: { selector: { matchLabels: { fleet: FLEET } } } },
      { name: 'shop-{{name}}', path: 'shop', cluster: '{{name}}' },
      repoURL,
    ),
    set(
      'tools',
      'none',
      { git: { repoURL, revision: 'main', directories: [{ path: 'tools/*' }] } },
      { name: 'tool-{{path.basename}}', path: '{{path}}', cluster: 'east' },
      repoURL,
    ),
  ];
}
