import type { FleetRollout } from '@flotilla/contracts';
import { isSettled } from '../fleet-view.js';
import { until } from '../until.js';
import { approveWhenAsked } from './begin.js';
import type { Step, Story } from './story.js';

/** Tags of an image that real clusters find too, and one that nobody has. */
const FIRST = '3.9';
const SECOND = '3.10';
const BROKEN = 'broken-3';

const DEPLOYMENT = (namespace: string): string => `/apis/apps/v1/namespaces/${namespace}/deployments/web`;

async function imageOn({ world, cast }: Story, cluster: string): Promise<string> {
  const live = await world.spoke(cluster).client.get(DEPLOYMENT(cast.namespace));
  const spec = live?.spec as { template?: { spec?: { containers?: { image?: string }[] } } } | undefined;
  return spec?.template?.spec?.containers?.[0]?.image ?? 'none';
}

export const RELEASES: readonly Step[] = [
  {
    name: 'plan-and-rollout',
    title: 'A commit shows its plan before anything moves, and then goes from dev to prod',
    run: async (story) => {
      const { world, cast } = story;
      const before = (await world.fleet.rollouts('web'))[0]?.metadata.name;
      await world.repository.edit('charts/web/values.yaml', (text) =>
        text.replace(`tag: "${FIRST}"`, `tag: "${SECOND}"`).replace('Welcome', 'Welcome back'),
      );
      await story.push(`web ${SECOND} with a warmer greeting`);
      const plan = await until('a plan of the commit', async () => {
        const found = await world.fleet.plan('web');
        return found.changes.length > 0 || (await world.fleet.rollouts('web'))[0]?.metadata.name !== before ? found : undefined;
      });
      story.say(`plan: ${plan.summary}`);
      for (const stage of plan.stages)
        story.say(`  stage ${stage.name}${stage.approval ? ' (approval)' : ''}: ${stage.clusters.join(', ')}`);
      const run = await approveWhenAsked(story, `web ${SECOND}`);
      story.expect('a new rollout', run !== before);
      story.expect(`staging to run ${SECOND} before the approval`, (await imageOn(story, cast.staging)).endsWith(`:${SECOND}`));
      await untilPhase(story, run, 'Completed');
      story.expect(`prod to run ${SECOND}`, (await imageOn(story, cast.prod)).endsWith(`:${SECOND}`));
      for (const entry of (await world.fleet.rollout(run)).ledger) story.say(`  ledger: ${entry.from} -> ${entry.to}: ${entry.reason}`);
      return plan.summary;
    },
  },
  {
    name: 'bad-commit',
    title: 'A bad commit fails in dev, stops there and is rolled back',
    run: async (story) => {
      const { world, cast } = story;
      const good = (await world.fleet.rollouts('web'))[0]?.metadata.name;
      await world.repository.edit('charts/web/values.yaml', (text) => text.replace(`tag: "${SECOND}"`, `tag: ${BROKEN}`));
      await story.push(`web ${BROKEN}, whose image never becomes ready`);
      const run = await until('a rollout of the bad commit', async () => {
        const [newest] = await world.fleet.rollouts('web');
        return newest && newest.metadata.name !== good ? newest.metadata.name : undefined;
      });
      await untilPhase(story, run, 'RolledBack');
      await story.untilApplications('every application to be settled on the good release', (applications) => applications.every(isSettled));
      for (const name of [cast.dev, cast.staging, cast.prod])
        story.expect(`${name} to run ${SECOND}`, (await imageOn(story, name)).endsWith(`:${SECOND}`));
      const { targets, ledger } = await world.fleet.rollout(run);
      const reached = targets.filter(({ cluster, state }) => cluster !== cast.dev && state !== 'waiting');
      story.expect(`staging and prod to have been left alone (${JSON.stringify(reached)})`, reached.length === 0);
      for (const entry of ledger) story.say(`  ledger: ${entry.from} -> ${entry.to}: ${entry.reason}`);
      return 'rolled back in dev; staging and prod never saw it';
    },
  },
  {
    name: 'label-typo',
    title: 'A label typo that would delete every application is held',
    run: async (story) => {
      const { world } = story;
      await story.apply('web', { FLEET: 'dmeo' });
      const held = await until('the expansion to be held', async () => {
        const names = (await world.fleet.set('web')).status?.heldDeletions ?? [];
        return names.length === 3 ? names : undefined;
      });
      story.say(`HELD: would delete ${held.join(', ')}`);
      story.expect('nothing to be deleted', (await world.fleet.applications()).length === 9);
      await story.apply('web');
      await until('the hold to be gone', async () => ((await world.fleet.set('web')).status?.heldDeletions ?? []).length === 0);
      story.say('typo corrected; nothing was deleted');
      return `held: ${held.join(', ')}`;
    },
  },
];

function untilPhase(story: Story, run: string, phase: NonNullable<FleetRollout['status']>['phase']): Promise<boolean> {
  return until(
    `rollout ${run} to be ${phase}`,
    async () => {
      story.narrator.show(await story.world.fleet.board());
      const found = (await story.world.fleet.rollouts('web')).find(({ metadata }) => metadata.name === run);
      if (found?.status?.phase === phase) return true;
      throw new Error(`it is ${found?.status?.phase} (stage ${found?.status?.stage}): ${found?.status?.message}`);
    },
    90_000,
  );
}
