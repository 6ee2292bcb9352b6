import type { ReceiptsVerbReply } from '@flotilla/contracts';
import { SECRET_NAME } from '../props/secret-file.js';
import { until } from '../until.js';
import type { Step, Story } from './story.js';

type Receipt = ReceiptsVerbReply['receipts'][number];

/** As much of a digest as the CLI shows. */
const SHORT = 12;

export const SECRETS: readonly Step[] = [
  {
    name: 'secret',
    title: 'A secret that is not in Git reaches the three clusters; nobody sees its value on the way',
    run: async (story) => {
      await untilOnClusters(story);
      for (const { name } of story.world.spokes)
        story.say(`${name}: Secret ${SECRET_NAME} is there, and the digest of its value is that of the file's`);
      const receipts = await untilReceipts(story, undefined);
      await story.flotilla('secret', 'receipts');
      return `${receipts.length} clusters run version ${versionOf(receipts)}`;
    },
  },
  {
    name: 'rotate',
    title: 'The secret is rotated: the clusters get a new value, and only the digest changes',
    run: async (story) => {
      const { fleet } = story.world;
      const [before, history] = [await fleet.secretReceipts(), await fleet.history()];
      story.secretFile.change();
      story.say('the file has another value');
      await story.flotilla('secret', 'rotate', SECRET_NAME);
      await untilOnClusters(story);
      const after = await untilReceipts(story, before[0]?.version);
      for (const { cluster, version } of after) {
        const former = before.find((receipt) => receipt.cluster === cluster)?.version;
        story.say(`${cluster}: version ${former?.slice(0, SHORT)} -> ${version?.slice(0, SHORT)}`);
      }
      await story.flotilla('secret', 'receipts');
      const now = await fleet.history();
      story.expect(`no release and no rollout besides ${history.length} (${now.length})`, now.join() === history.join());
      return `${versionOf(before)} -> ${versionOf(after)} on ${after.length} clusters; no new release, no new rollout`;
    },
  },
];

/** Waits until the Secret of every cluster has the newest value. */
async function untilOnClusters({ world, cast, secretFile }: Story): Promise<void> {
  const path = `/api/v1/namespaces/${cast.namespace}/secrets/${SECRET_NAME}`;
  await Promise.all(
    world.spokes.map(({ name, client }) =>
      until(`Secret ${SECRET_NAME} on ${name} to have the value of the file`, async () => secretFile.isIn(await client.get(path))),
    ),
  );
}

/** Waits until every cluster has answered for one version, another one than `former`. */
function untilReceipts({ world }: Story, former: string | undefined): Promise<Receipt[]> {
  return until('a receipt of every cluster', async () => {
    const receipts = await world.fleet.secretReceipts();
    const isDone = receipts.every(({ done, version }) => done && version !== undefined && version !== former);
    if (isDone && receipts.length === world.spokes.length && versionsOf(receipts).size === 1) return receipts;
    throw new Error(receipts.map(({ cluster, done, message }) => `${cluster} ${done ? 'done' : (message ?? 'not yet')}`).join(', '));
  });
}

const versionsOf = (receipts: readonly Receipt[]): Set<string | undefined> => new Set(receipts.map(({ version }) => version));
const versionOf = (receipts: readonly Receipt[]): string => receipts[0]?.version?.slice(0, SHORT) ?? 'none';
