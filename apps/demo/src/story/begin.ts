import { isSettled } from '../fleet-view.js';
import { CHANNEL, ON_CALL } from '../props/sinks.js';
import { until } from '../until.js';
import type { Step, Story } from './story.js';

export const BEGIN: readonly Step[] = [
  {
    name: 'hub',
    title: 'A hub with its own PostgreSQL and NATS',
    run: async ({ world }) => {
      const { url } = await world.hub.start();
      return `the hub serves ${url}`;
    },
  },
  {
    name: 'clusters',
    title: 'Three clusters enrol; their agents dial out, the hub never dials in',
    run: async (story) => {
      const { world } = story;
      for (const spoke of world.spokes) {
        await world.startAgent(spoke);
        story.say(`join token used by the agent of ${spoke.name} ${JSON.stringify(spoke.labels)}`);
      }
      await until('every cluster to be connected', async () => {
        const clusters = await world.fleet.clusters();
        return world.spokes.every(({ name }) => clusters.find(({ metadata }) => metadata.name === name)?.status?.phase === 'Connected');
      });
      return `${world.spokes.length} clusters connected`;
    },
  },
  {
    name: 'prepare',
    title: 'A store that secrets come from; a Slack workspace and a mail server that are told of rollouts',
    run: async (story) => {
      const { world, sinks } = story;
      story.secretFile.change();
      // Also where a cluster has an operator for secrets of its own.
      for (const { name } of world.spokes)
        await world.fleet.apply({
          apiVersion: 'flotilla.dev/v1alpha1',
          kind: 'Cluster',
          metadata: { name },
          spec: { secrets: 'broker' },
        });
      for (const name of ['secret-store', 'notifications-secret', 'notifications']) {
        await story.apply(name, sinks.parameters);
        story.say(`kubectl apply: ${name}`);
      }
      const findings = await world.fleet.notificationFindings();
      story.expect(`nothing to remark about the notifications (${JSON.stringify(findings)})`, findings.length === 0);
      return `a store of files; ${CHANNEL} at ${sinks.slack.apiUrl}, ${ON_CALL} at smtp://${sinks.mail.host}:${sinks.mail.port}`;
    },
  },
  {
    name: 'apply',
    title: 'A project and four ApplicationSets: list, clusters, git directories, matrix',
    run: async (story) => {
      const commit = await story.world.repository.push('The fleet begins');
      story.say(`git push: ${commit} The fleet begins`);
      for (const name of ['project', 'policy', 'hello', 'web', 'platform', 'addons']) {
        await story.apply(name);
        story.say(`kubectl apply: ${name}`);
      }
      // hello 2, web 3, platform 2, addons 2
      await story.untilApplications('nine applications', (applications) => applications.length === 9);
      const applications = await story.world.fleet.applications();
      for (const { metadata, spec } of applications) story.say(`expanded: ${metadata.name} -> ${spec.destination.name}`);
      return `${applications.length} applications on ${new Set(applications.map(({ spec }) => spec.destination.name)).size} clusters`;
    },
  },
  {
    name: 'first-rollout',
    title: 'The first release goes through its stages: dev, staging, approval, prod',
    run: async (story) => {
      const { world, cast } = story;
      await approveWhenAsked(story, 'the first release');
      await story.untilApplications(
        'all applications Synced and Healthy',
        (applications) => applications.length === 9 && applications.every(isSettled),
        60_000,
      );
      for (const name of [cast.dev, cast.staging, cast.prod]) {
        const config = await world.spoke(name).client.get(`/api/v1/namespaces/${cast.namespace}/configmaps/web-config`);
        story.expect(
          `ConfigMap web-config on ${name} to carry the chart's values`,
          (config?.data as { CLUSTER?: string } | undefined)?.CLUSTER === name,
        );
      }
      return 'all nine applications are Synced and Healthy';
    },
  },
];

/** Waits until the newest run of `web` asks for approval in front of prod, and gives it. Returns the run's name. */
export async function approveWhenAsked(story: Story, what: string): Promise<string> {
  const { world } = story;
  const name = await until(
    `${what} to wait for approval`,
    async () => {
      story.narrator.show(await world.fleet.board());
      const [run] = await world.fleet.rollouts('web');
      if (run?.status?.phase === 'WaitingForApproval') return run.metadata.name;
      throw new Error(
        `${run?.metadata.name ?? 'no rollout'} is ${run?.status?.phase ?? 'unknown'} ${run?.status?.stage ?? ''}: ${run?.status?.message ?? ''}`,
      );
    },
    90_000,
  );
  story.say(`rollout ${name} waits in front of prod`);
  await story.flotilla('rollout', 'approve', name, '--reason', `${what} looks good in staging`);
  return name;
}
