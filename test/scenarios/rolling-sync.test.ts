import type { ApplicationSet, ResourceDocument } from '@flotilla/contracts';
import { type SpokeCluster, until } from '@flotilla/demo';
import { expect, test } from 'vitest';
import { end, startWorld } from './stage/play-short.js';
import { ShortStory } from './stage/short-story.js';

const SET = '/apis/argoproj.io/v1alpha1/namespaces/argocd/applicationsets/stepped';
const step = (env: string, maxUpdate?: string) => ({
  matchExpressions: [{ key: 'env', operator: 'In', values: [env] }],
  ...(maxUpdate ? { maxUpdate } : {}),
});

/** Four applications over two clusters, one of which no step selects. */
const steppedSet = (repoURL: string, [one = '', two = '']: readonly string[]) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'ApplicationSet',
  metadata: {
    name: 'stepped',
    namespace: 'argocd',
    annotations: { 'flotilla.dev/max-deletions': '9', 'flotilla.dev/max-deletion-percent': '100' },
  },
  spec: {
    generators: [
      {
        list: {
          elements: [
            { name: 'dev', env: 'dev', cluster: one },
            { name: 'prod-1', env: 'prod', cluster: one },
            { name: 'prod-2', env: 'prod', cluster: two },
            { name: 'idle', env: 'none', cluster: two },
          ],
        },
      },
    ],
    strategy: { type: 'RollingSync', rollingSync: { steps: [step('dev'), step('prod', '50%')] }, deletionOrder: 'Reverse' },
    template: {
      metadata: { name: 'stepped-{{name}}', labels: { env: '{{env}}' } },
      spec: {
        project: 'default',
        source: { repoURL, path: 'shop', targetRevision: 'main' },
        destination: { name: '{{cluster}}', namespace: 'stepped-{{name}}' },
        syncPolicy: { automated: { prune: true }, syncOptions: ['CreateNamespace=true'] },
      },
    },
  },
});

const messageOn = async ({ client }: SpokeCluster, namespace: string): Promise<string | undefined> =>
  ((await client.get(`/api/v1/namespaces/${namespace}/configmaps/settings`))?.data as Record<string, string> | undefined)?.MESSAGE;

test('a set with a RollingSync strategy goes through its steps, tells of each application, and is deleted', {
  timeout: 240_000,
}, async () => {
  const world = await startWorld();
  try {
    await world.repository.push('the shop opens');
    await new ShortStory(world).steps[0]!.run();
    const [one, two] = world.spokes as [SpokeCluster, SpokeCluster];
    await world.hub.client.apply(SET, steppedSet(world.repository.url, [one.name, two.name]), { fieldManager: 'test' });
    const stepsOf = async (): Promise<string[]> => {
      const set = (await world.hub.client.get(SET)) as unknown as (ApplicationSet & ResourceDocument) | undefined;
      const isOver = set?.status?.conditions?.some(({ type, status }) => type === 'RolloutProgressing' && status === 'False');
      if (!isOver) throw new Error(JSON.stringify(set?.status));
      return (set?.status?.applicationStatus ?? []).map(({ application, step: at, status }) => `${application} ${at} ${status}`);
    };
    const done = ['stepped-dev 1 Healthy', 'stepped-idle -1 Waiting', 'stepped-prod-1 2 Healthy', 'stepped-prod-2 2 Healthy'];
    await until('every step to be done', async () => (await stepsOf()).join() === done.join(), 120_000);
    await world.repository.edit('shop/settings.yaml', (text) => text.replace('one', 'two'));
    await world.repository.push('another message');
    await world.fleet.hint(world.repository.url);
    await until('the last application to have the commit', async () => (await messageOn(two, 'stepped-prod-2')) === 'two', 60_000);
    expect(await messageOn(one, 'stepped-dev')).toBe('two');
    expect(await messageOn(two, 'stepped-idle')).toBeUndefined();
    await world.hub.client.request('DELETE', SET);
    await until('the set to be gone', async () => (await world.hub.client.get(SET)) === undefined, 90_000);
    await until('its objects to be gone', async () => (await messageOn(one, 'stepped-dev')) === undefined, 60_000);
  } finally {
    await end(world);
  }
});
