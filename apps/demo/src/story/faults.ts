import { isSettled } from '../fleet-view.js';
import { until } from '../until.js';
import type { Step, Story } from './story.js';

const configPath = (story: Story): string => `/api/v1/namespaces/${story.cast.namespace}/configmaps/web-config`;

async function greetingOn(story: Story, cluster: string): Promise<string | undefined> {
  const live = await story.world.spoke(cluster).client.get(configPath(story));
  return (live?.data as { GREETING?: string } | undefined)?.GREETING;
}

export const FAULTS: readonly Step[] = [
  {
    name: 'hub-killed',
    title: 'Hub and NATS are killed while somebody edits a live object: the agent heals it alone',
    run: async (story) => {
      const { world, cast } = story;
      const wanted = await greetingOn(story, cast.dev);
      await world.hub.killWithNats();
      story.say('kill -9: hub and nats-server');
      await world.spoke(cast.dev).client.request('PATCH', configPath(story), {
        contentType: 'application/merge-patch+json',
        body: { data: { GREETING: 'edited by hand' } },
      });
      story.say(`kubectl edit on ${cast.dev}: GREETING=edited by hand`);
      await until('the agent to heal the edit', async () => (await greetingOn(story, cast.dev)) === wanted);
      story.say('healed without the hub');
      await world.hub.start();
      await until('every cluster to be connected again', async () =>
        (await world.fleet.clusters()).every(({ status }) => status?.phase === 'Connected'),
      );
      await story.untilApplications(
        'the hub to know every application again',
        (applications) => applications.length === 9 && applications.every(isSettled),
      );
      return 'healed alone; the hub came back and knows';
    },
  },
  {
    name: 'cut-off',
    title: 'A cluster is cut off, shown as Unknown, comes back and catches up',
    run: async (story) => {
      const { world, cast } = story;
      const spoke = world.spoke(cast.dev);
      spoke.agent?.signal('SIGSTOP');
      story.say(`${cast.dev} is cut off`);
      const since = await until('the hub to say Unknown', async () => {
        const cluster = (await world.fleet.clusters()).find(({ metadata }) => metadata.name === cast.dev);
        return cluster?.status?.phase === 'Unknown' ? cluster.status.since : undefined;
      });
      story.say(`${cast.dev} is Unknown since ${since}`);
      await story.untilApplications('its applications to be Unknown', (applications) =>
        applications
          .filter(({ spec }) => spec.destination.name === cast.dev)
          .every(({ status }) => status?.health?.status === 'Unknown' && status.unknownSince !== undefined),
      );
      await world.repository.edit('hello/config.yaml', (text) => text.replace('Hello, fleet', 'Hello again, fleet'));
      await story.push('hello says more');
      const textOn = async (name: string) =>
        (
          (await world.spoke(name).client.get(`/api/v1/namespaces/${cast.namespace}/configmaps/hello`))?.data as
            | { text?: string }
            | undefined
        )?.text;
      await until(`${cast.prod} to have the change`, async () => (await textOn(cast.prod)) === 'Hello again, fleet');
      story.expect(`${cast.dev} to have nothing new while it is cut off`, (await textOn(cast.dev)) === 'Hello, fleet');
      spoke.agent?.signal('SIGCONT');
      story.say(`${cast.dev} is back`);
      await until(`${cast.dev} to catch up`, async () => (await textOn(cast.dev)) === 'Hello again, fleet');
      await story.untilApplications('all applications to be known again', (applications) => applications.every(isSettled));
      return `Unknown since ${since}, then caught up`;
    },
  },
  {
    name: 'prune',
    title: 'An application is removed from Git and pruned',
    run: async (story) => {
      const { world, cast } = story;
      await world.repository.remove('platform/cache');
      await story.push('the cache is gone');
      await story.untilApplications('platform-cache to be gone', (applications) =>
        applications.every(({ metadata }) => metadata.name !== 'platform-cache'),
      );
      const left = await world.spoke(cast.staging).client.get(`/api/v1/namespaces/${cast.namespace}/configmaps/cache`);
      story.expect('its object to be pruned from the cluster', left === undefined);
      story.expect('the other applications to be there', (await world.fleet.applications()).length === 8);
      return 'platform-cache and its objects are gone';
    },
  },
];
