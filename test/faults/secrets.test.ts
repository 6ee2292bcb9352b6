import { until, type World } from '@flotilla/demo';
import { openDatabase } from '@flotilla/persistence';
import { expect, test } from 'vitest';
import { end, startWorld } from '../scenarios/stage/play-short.js';
import { passwordOn, shopOn, untilEverywhere } from '../scenarios/stage/secret-shop.js';
import { ShortStory } from '../scenarios/stage/short-story.js';
import { HoldingProvider } from './stage/holding-provider.js';
import { HoldingSink } from './stage/holding-sink.js';

const PATIENCE_MS = 90_000;
const ASKING = `---
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: db}
spec:
  refreshInterval: "0"
  secretStoreRef: {kind: ClusterSecretStore, name: remote}
  data: [{secretKey: password, remoteRef: {key: db}}]
`;

const notifications = (url: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'argocd-notifications-cm', namespace: 'argocd' },
  data: {
    'service.webhook.sink': `url: ${url}\n`,
    'trigger.on-shop': '- when: app.metadata.name != ""\n  send: [shop]\n',
    'template.shop': `webhook:\n  sink:\n    method: POST\n    body: |\n      {"application":"{{.app.metadata.name}}"}\n`,
    subscriptions: '- recipients: [sink]\n  triggers: [on-shop]\n',
  },
});

/** Kills the hub and starts it again, a minute later by the claims that died with it. */
async function restart({ hub }: World): Promise<void> {
  await hub.kill();
  await hub.start();
  const database = openDatabase({ url: hub.databaseUrl, maxConnections: 1, applicationName: 'faults' });
  try {
    await database.query(`UPDATE notifier.intents SET claimed_until = now() WHERE state = 'sending'`);
    await database.query('UPDATE broker.values SET claimed_until = clock_timestamp() WHERE claimed_until IS NOT NULL');
  } finally {
    await database.close();
  }
}

async function begin(world: World, provider: HoldingProvider, sink: HoldingSink): Promise<void> {
  const store = { apiVersion: 'external-secrets.io/v1', kind: 'ClusterSecretStore', metadata: { name: 'remote' } };
  await world.fleet.apply({ ...store, spec: { provider: provider.spec } });
  await world.fleet.apply(notifications(sink.url));
  await world.repository.edit('shop/settings.yaml', (text) => `${text}${ASKING}`);
  await world.repository.push('the shop asks for a secret');
  await new ShortStory(world).steps[0]!.run();
}

test('kill -9 of the hub while a provider is read and messages are under way, and before a spoke acknowledges: nothing is lost', {
  timeout: 300_000,
}, async () => {
  console.log('again: npm run faults -- secrets');
  const [provider, sink] = [await HoldingProvider.start(), await HoldingSink.start()];
  const loopback = '127.0.0.1/32';
  const world = await startWorld({ FLOTILLA_BROKER_ALLOW_ADDRESSES: loopback, FLOTILLA_NOTIFIER_ALLOW_ADDRESSES: loopback });
  try {
    await begin(world, provider, sink);
    provider.value = 'value-1';
    provider.onRead = () => true;
    sink.hold = () => true;
    for (const { name } of world.spokes) await world.fleet.apply(shopOn(name, world.repository.url));
    await until('the provider to be asked', async () => provider.reads > 0, PATIENCE_MS);
    await until('both messages to be under way', async () => sink.arrivals.length === world.spokes.length, PATIENCE_MS);
    provider.onRead = () => false;
    sink.hold = () => false;
    await restart(world);
    expect(await untilEverywhere(world, 'value-1', PATIENCE_MS)).toHaveLength(1);
    await until('every message in doubt to be sent again', async () => sink.arrivals.length === 2 * world.spokes.length, PATIENCE_MS);
    const groups = [...sink.byKey.values()];
    expect(groups.map((group) => group.map(({ isMarked }) => isMarked))).toEqual(world.spokes.map(() => [false, true]));
    console.log(
      `${groups.length} messages: 0 lost, ${groups.length} arrived twice and say so; the provider was read ${provider.reads} times`,
    );

    const [late, ...others] = world.spokes;
    late!.agent?.signal('SIGSTOP');
    provider.reads = 0;
    provider.value = 'value-2';
    await world.hub.client.request('POST', '/v1/secrets/rotate', { body: { store: 'ClusterSecretStore/remote' } });
    for (const spoke of others) {
      await until(`${spoke.name} to have the new value`, async () => (await passwordOn(spoke)) === 'value-2', PATIENCE_MS);
    }
    expect(await passwordOn(late!)).toBe('value-1');
    await restart(world);
    late!.agent?.signal('SIGCONT');
    expect(await untilEverywhere(world, 'value-2', PATIENCE_MS)).toHaveLength(1);
    expect(provider.reads).toBe(1);
    console.log('rotated over a kill: 0 lost, the provider was read once');
  } finally {
    await end(world);
    provider.close();
    sink.close();
  }
});
