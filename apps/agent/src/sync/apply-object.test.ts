import { ManualClock } from '@flotilla/kernel';
import { type KubeObject, MANAGED_LABEL, TRACKING_ANNOTATION, trackingId } from '@flotilla/kube';
import { expect, test } from 'vitest';
import { ObservedCache } from '../cluster/observed-cache.js';
import { newAppRecord } from '../plan/app-record.js';
import type { SyncMode } from '../plan/sync-mode.js';
import { applied, desired, item, observed } from '../plan/testing.js';
import { applyObject } from './apply-object.js';
import { newAppMemory, type SpokeContext } from './spoke-context.js';

const MODE: SyncMode = {
  apply: true,
  heal: true,
  prune: true,
  dryRun: false,
  operationId: '',
  asked: false,
  options: [],
  selects: () => true,
};
const map = item('settings');
const labels = { [MANAGED_LABEL]: 'f' };
const annotations = { [TRACKING_ANNOTATION]: trackingId(desired(), map) };
const configMap = (data: object, metadata: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'web', uid: 'uid-settings', resourceVersion: '7', labels, annotations, ...metadata },
  data,
});

/** Corrects a drift that was found, and says whether it was sent and what is remembered of the object. */
async function correct(live: KubeObject, ignored: string[]): Promise<{ isSent: boolean; projection: string | undefined }> {
  let isSent = false;
  const client = {
    pathFor: () => '/api/v1/namespaces/web/configmaps/settings',
    get: async () => live,
    apply: async () => {
      isSent = true;
      return live;
    },
  };
  const cache = new ObservedCache((text) => `digest of ${text.length}`);
  const context = {
    client,
    cache,
    fleet: 'f',
    clock: new ManualClock(),
    log: () => undefined,
    readObject: async () => configMap({ k: 'v', other: 'x' }),
  } as unknown as SpokeContext;
  const record = newAppRecord(desired());
  record.objects.set(map.key, applied(map, { projection: 'before' }));
  const app = desired({ ignoreDifferences: [{ kind: 'ConfigMap', jsonPointers: ignored }] });
  const planned = {
    item: map,
    content: map.digest,
    observed: observed(map),
    record: record.objects.get(map.key),
    state: 'drifted' as const,
  };
  await applyObject(context, { app, record, memory: newAppMemory() }, planned, MODE);
  return { isSent, projection: record.objects.get(map.key)?.projection };
}

test('a drift that comes up between the look at what is ignored and the correction is not corrected either', async () => {
  const theirs = configMap({ k: 'theirs', other: 'x' });
  const { isSent, projection } = await correct(theirs, ['/data/k']);
  expect(isSent).toBe(false);
  expect(projection).not.toBe('before');
});

test('a drift that is ignored only in part is corrected', async () => {
  expect((await correct(configMap({ k: 'theirs', other: 'theirs' }), ['/data/k'])).isSent).toBe(true);
  expect((await correct(configMap({ k: 'theirs', other: 'x' }), ['/data/other'])).isSent).toBe(true);
});
