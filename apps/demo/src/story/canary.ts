import { sep } from 'node:path';
import { CONTROL_NAMESPACE } from '@flotilla/contracts';
import { openDatabase } from '@flotilla/persistence';
import { SECRET_NAME, SecretFile } from '../props/secret-file.js';
import { judgeFindings } from '../search/judge-findings.js';
import { Search } from '../search/search.js';
import { searchDatabase } from '../search/search-database.js';
import { searchFiles } from '../search/search-files.js';
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
    story.say(`files: ${files.length}: ${countByPlace(files)}`);
    const answers = await searchAnswers(story, search);
    story.say(`answers of the hub: ${answers}`);
    const objects = await searchClusters(story, search);
    story.say(`Secrets and ConfigMaps on the clusters: ${objects}`);
    for (const { path, body } of story.sinks.slack.requests) search.look(`Slack call ${path}`, body);
    for (const mail of story.sinks.mail.mails) search.look(`mail ${mail.messageId}`, JSON.stringify(mail));
    search.look('what this story has told', story.narrator.told);
    for (const { place, forms } of search.findings) story.say(`found: ${place}: ${forms.join(', ')}`);
    const wrong = judgeFindings(search.findings, expectedPlaces(story));
    if (wrong.length > 0) throw new Error(wrong.join('; '));
    const what = `${Math.round(search.bytes / MB)} MB and ${search.pieces} compressed pieces of ${files.length} files, ${tables} tables, ${answers + objects} answers and objects`;
    return `in ${what}: 0 of ${traces.length} patterns besides the store's file and the Secrets of ${story.world.spokes.length} clusters`;
  },
};

/** Where the new value belongs; the old one, and the credentials of Slack and mail, belong nowhere. */
function expectedPlaces({ world, cast }: Story): Map<string, string> {
  const secrets = world.spokes.map(({ name }) => objectPlace(name, 'Secret', cast.namespace, SECRET_NAME));
  return new Map([[`hub/${SecretFile.place}`, 'new value as it is'], ...secrets.map((place) => [place, 'new value in base64'] as const)]);
}

/** Of the hub's directory by its parts, of the others as a whole. */
function countByPlace(files: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const file of files) {
    const place = file
      .split(sep)
      .slice(0, file.startsWith(`hub${sep}`) ? 2 : 1)
      .join('/');
    counts.set(place, (counts.get(place) ?? 0) + 1);
  }
  return [...counts]
    .map(([place, count]) => `${place} ${count}`)
    .sort()
    .join(', ');
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
