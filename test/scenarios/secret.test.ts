import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ReceiptsVerbReply } from '@flotilla/contracts';
import { type SpokeCluster, until, type World } from '@flotilla/demo';
import { expect, test } from 'vitest';
import { end, startWorld, worldDirectory } from './stage/play-short.js';
import { ShortStory } from './stage/short-story.js';

const [CANARY, ROTATED] = ['canary-6b1f3c9a', 'canary-2e8d7f40'];
const SECRET = '/api/v1/namespaces/shop/secrets/db';
const ASKING = `---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: db, labels: {team: shop}, annotations: {argocd.argoproj.io/sync-wave: "-1"}}
spec:
  secretStoreRef: {kind: ClusterSecretStore, name: files}
  data: [{secretKey: password, remoteRef: {key: db.json, property: password}}]
`;

/** A policy of neither prune nor self-heal: what becomes of a granted secret does not hang on it. */
const shopOn = (cluster: string, repoURL: string) => ({
  apiVersion: 'argoproj.io/v1alpha1' as const,
  kind: 'Application' as const,
  metadata: { name: `shop-${cluster}`, namespace: 'argocd' },
  spec: {
    project: 'default',
    source: { repoURL, path: 'shop', targetRevision: 'main' },
    destination: { name: cluster, namespace: 'shop' },
    syncPolicy: { automated: {}, syncOptions: ['CreateNamespace=true'] },
  },
});

const valueOn = async ({ client }: SpokeCluster): Promise<string | undefined> => {
  const live = await client.get(SECRET);
  const { password } = (live?.data ?? {}) as { password?: string };
  return password === undefined ? undefined : Buffer.from(password, 'base64').toString();
};

async function untilEverywhere(world: World, value: string): Promise<void> {
  for (const spoke of world.spokes) await until(`${spoke.name} to have the value`, async () => (await valueOn(spoke)) === value);
}

/** The versions that the clusters run by their receipts, once each of them has said so. */
function versions(world: World): Promise<string[]> {
  return until('every cluster to have sent its receipt', async () => {
    const { receipts } = await world.hub.client.request<ReceiptsVerbReply>('GET', '/v1/secrets/receipts');
    if (receipts.length !== world.spokes.length || !receipts.every(({ done }) => done)) throw new Error(JSON.stringify(receipts));
    return [...new Set(receipts.map(({ version }) => version ?? ''))];
  });
}

/** Files of hub, agents and NATS: a value, its base64 or its hex in any of them is a leak. The provider's own directory is where it belongs. */
function leaks(directory: string, provider: string): string[] {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const forms = [CANARY, ROTATED].flatMap((value) => {
    const bytes = Buffer.from(value);
    return [value, bytes.toString('base64').replace(/=+$/, ''), bytes.toString('hex')];
  });
  return files
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.startsWith(provider))
    .filter((path) => {
      const content = readFileSync(path);
      return forms.some((form) => content.includes(form));
    });
}

test('a secret goes from its provider to every cluster, is rotated without a release, and leaves no trace on the way', {
  timeout: 240_000,
}, async () => {
  const provider = worldDirectory();
  const write = (password: string): void => writeFileSync(join(provider, 'db.json'), JSON.stringify({ password }));
  write(CANARY);
  const world = await startWorld({ FLOTILLA_BROKER_SECRETS_DIR: provider });
  try {
    const store = {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ClusterSecretStore',
      metadata: { name: 'files' },
      spec: { provider: { file: {} } },
    };
    await world.hub.client.apply('/apis/external-secrets.io/v1/clustersecretstores/files', store, { fieldManager: 'test' });
    await world.repository.edit('shop/settings.yaml', (text) => `${text}${ASKING}`);
    await world.repository.push('the shop asks for a secret');
    await new ShortStory(world).steps[0]!.run();
    for (const { name } of world.spokes) await world.fleet.apply(shopOn(name, world.repository.url));
    await untilEverywhere(world, CANARY);
    const first = await versions(world);
    const releases = (await world.hub.client.list('/apis/flotilla.dev/v1alpha1/releases')).items.length;
    write(ROTATED);
    await world.hub.client.request('POST', '/v1/secrets/rotate', {
      body: { selector: 'team=shop,flotilla.dev/store=files,flotilla.dev/provider=file,!flotilla.dev/cluster' },
    });
    await untilEverywhere(world, ROTATED);
    const second = await versions(world);
    expect([first.length, second.length]).toEqual([1, 1]);
    expect(second).not.toEqual(first);
    expect((await world.hub.client.list('/apis/flotilla.dev/v1alpha1/releases')).items).toHaveLength(releases);
    const [one] = world.spokes;
    await world.hub.stop();
    await one!.client.request('DELETE', SECRET);
    await until('the deleted Secret to be back without the hub', async () => (await valueOn(one!)) === ROTATED);
    await world.stop();
    expect(leaks(world.directory, provider)).toEqual([]);
  } finally {
    await end(world);
    rmSync(provider, { recursive: true });
  }
});
