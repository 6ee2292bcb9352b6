import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '@flotilla/demo';
import { expect, test } from 'vitest';
import { end, startWorld, worldDirectory } from './stage/play-short.js';
import { passwordOn, SECRET, shopOn, untilEverywhere } from './stage/secret-shop.js';
import { ShortStory } from './stage/short-story.js';

const [CANARY, ROTATED] = ['canary-6b1f3c9a', 'canary-2e8d7f40'];
const ASKING = `---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: db, labels: {team: shop}, annotations: {argocd.argoproj.io/sync-wave: "-1"}}
spec:
  secretStoreRef: {kind: ClusterSecretStore, name: files}
  data: [{secretKey: password, remoteRef: {key: db.json, property: password}}]
`;

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
    const first = await untilEverywhere(world, CANARY);
    const releases = (await world.hub.client.list('/apis/flotilla.dev/v1alpha1/releases')).items.length;
    write(ROTATED);
    await world.hub.client.request('POST', '/v1/secrets/rotate', {
      body: { selector: 'team=shop,flotilla.dev/store=files,flotilla.dev/provider=file,!flotilla.dev/cluster' },
    });
    const second = await untilEverywhere(world, ROTATED);
    expect([first.length, second.length]).toEqual([1, 1]);
    expect(second).not.toEqual(first);
    expect((await world.hub.client.list('/apis/flotilla.dev/v1alpha1/releases')).items).toHaveLength(releases);
    const [one] = world.spokes;
    await world.hub.stop();
    await one!.client.request('DELETE', SECRET);
    await until('the deleted Secret to be back without the hub', async () => (await passwordOn(one!)) === ROTATED);
    await world.stop();
    expect(leaks(world.directory, provider)).toEqual([]);
  } finally {
    await end(world);
    rmSync(provider, { recursive: true });
  }
});
