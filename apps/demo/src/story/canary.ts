import { CONTROL_NAMESPACE } from '@flotilla/contracts';
import { openDatabase } from '@flotilla/persistence';
import { Search } from '../search/search.js';
import { searchDatabase } from '../search/search-database.js';
import { searchFiles } from '../search/search-files.js';
import { SECRET_NAME, SecretFile } from '../secret-file.js';
import type { Step, Story } from './story.js';

/** Namespace of an agent's state on its cluster unless it is told another. */
const AGENT_NAMESPACE = 'flotilla-agent';
const MB = 1_000_000;

export const CANARY: Step = {
  name: 'canary',
  title: 'The values are searched for in everything that was written and answered on the way',
  run: async (story) => {
    const traces = [...story.secretFile.traces, ...story.sinks.traces];
    const search = new Search(traces);
    const { tables, rows } = await searchTables(story, search);
    story.say(`PostgreSQL: ${rows} rows of ${tables} tables`);
    const files = await searchFiles(search, story.world.directory);
    story.say(`files of hub, PostgreSQL, NATS, Git, agents and all logs: ${files}`);
    const answers = await searchAnswers(story, search);
    story.say(`answers of the hub: ${answers}`);
    const objects = await searchClusters(story, search);
    story.say(`Secrets and ConfigMaps on the clusters: ${objects}`);
    for (const { path, body } of story.sinks.slack.requests) search.look(`Slack call ${path}`, body);
    for (const mail of story.sinks.mail.mails) search.look(`mail ${mail.messageId}`, JSON.stringify(mail));
    search.look('what this story has told', story.narrator.told);
    for (const { place, forms } of search.findings) story.say(`found: ${place}: ${forms.join(', ')}`);
    judge(story, search);
    const what = `${Math.round(search.bytes / MB)} MB and ${search.frames} zstd frames in ${files} files, ${tables} tables, ${answers + objects} answers and objects`;
    return `in ${what}: 0 of ${traces.length} patterns besides the store's file and the Secrets of ${story.world.spokes.length} clusters`;
  },
};

/** The new value is where it belongs, which shows that the search finds; nothing is anywhere else. */
function judge({ world, cast, expect }: Story, { findings }: Search): void {
  const expected = new Map([
    [`hub/${SecretFile.place}`, 'new value as it is'],
    ...world.spokes.map(({ name }) => [objectPlace(name, 'Secret', cast.namespace, SECRET_NAME), 'new value in base64'] as const),
  ]);
  for (const [place, form] of expected)
    expect(
      `the search to find the value in ${place}`,
      findings.some((found) => found.place === place && found.forms.join() === form),
    );
  const leaks = findings.filter(({ place }) => !expected.has(place)).map(({ place, forms }) => `${place} (${forms.join(', ')})`);
  if (leaks.length > 0) throw new Error(`values were found in ${leaks.join('; ')}`);
}

async function searchTables({ world }: Story, search: Search): Promise<{ tables: number; rows: number }> {
  const database = openDatabase({ url: world.hub.databaseUrl, maxConnections: 1, applicationName: 'canary' });
  try {
    return await searchDatabase(search, database);
  } finally {
    await database.close();
  }
}

/** What people and programs may ask about the secret. */
async function searchAnswers({ world, cast }: Story, search: Search): Promise<number> {
  const control = `namespaces/${CONTROL_NAMESPACE}`;
  const web = world.spokes.map(({ name }) => `/v1/${control}/applications/web-${name}`);
  const secret = encodeURIComponent(`/Secret/${cast.namespace}/${SECRET_NAME}`);
  const paths = [
    '/v1/secrets',
    '/v1/secrets/receipts',
    '/v1/notifications',
    `/apis/flotilla.dev/v1alpha1/${control}/secretgrants`,
    `/api/v1/${control}/secrets`,
    `/api/v1/${control}/configmaps`,
    ...web.flatMap((path) => [`${path}/diff`, `${path}/tree`, `${path}/live?resource=${secret}`]),
  ];
  for (const path of paths) search.look(`answer of ${path}`, await world.fleet.answer(path));
  return paths.length;
}

/** Objects that may hold text, in the namespaces of the story and of the agents' state; what a Secret holds also as bytes. */
async function searchClusters({ world, cast }: Story, search: Search): Promise<number> {
  let count = 0;
  for (const { name, client, agentSettings } of world.spokes) {
    for (const namespace of [cast.namespace, agentSettings?.FLOTILLA_AGENT_NAMESPACE ?? AGENT_NAMESPACE]) {
      for (const [kind, plural] of Object.entries({ Secret: 'secrets', ConfigMap: 'configmaps' })) {
        const { items } = await client.list(`/api/v1/namespaces/${namespace}/${plural}`);
        for (const item of items) search.look(objectPlace(name, kind, namespace, item.metadata.name), JSON.stringify(item));
        // The agents' state rests compressed.
        if (kind === 'Secret' && namespace !== cast.namespace)
          for (const { metadata, data } of items)
            for (const value of Object.values((data ?? {}) as Record<string, string>))
              search.look(objectPlace(name, kind, namespace, metadata.name), Buffer.from(value, 'base64'));
        count += items.length;
      }
    }
  }
  return count;
}

const objectPlace = (cluster: string, kind: string, namespace: string, name: string): string => `${cluster}: ${kind} ${namespace}/${name}`;
