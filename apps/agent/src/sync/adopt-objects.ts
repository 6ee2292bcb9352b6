import { appliedFields, FIELD_MANAGER, type KubeObject, ownerOf } from '@flotilla/kube';
import { ignoreRulesFor, isSameBut } from '../plan/ignore-rules.js';
import { prepareObject } from '../plan/prepare-object.js';
import type { ResolvedBundle, ResolvedItem } from '../plan/resolve-items.js';
import { grantMark } from '../secrets/granted-items.js';
import { type AppTask, observedIn, pathOf, type SpokeContext } from './spoke-context.js';

/**
 * Settles what the digests alone cannot: objects of ours without a record (the state was lost), and drift that ignoreDifferences
 * covers. Where the live object says all that is desired, its projection becomes the reference and no request is sent.
 */
export async function adoptObjects(context: SpokeContext, task: AppTask, bundle: ResolvedBundle): Promise<void> {
  const jobs = bundle.items.map((item) => adoptObject(context, task, item));
  await Promise.all(jobs);
}

async function adoptObject(context: SpokeContext, task: AppTask, item: ResolvedItem): Promise<void> {
  const { app, record, memory } = task;
  const observed = observedIn(context, memory, item.version, item.key);
  if (!item.info || !observed || item.grant?.isHeld === false || ownerOf(observed.meta, app, item, context.fleet).kind !== 'ours') return;
  const known = record.objects.get(item.key);
  const isAutoscaled = context.autoscaled.has(item.key);
  const content = isAutoscaled ? `${item.digest}:autoscaled` : item.digest;
  const rules = ignoreRulesFor(app.ignoreDifferences, item);
  const isIgnorable = rules !== undefined && known?.applied === content && known.projection !== observed.projection;
  if (known && known.applied !== '' && !isIgnorable) return;
  const live = (await context.limit(() => context.client.get(pathOf(context, item)))) as KubeObject | undefined;
  if (!live) return;
  const desired = prepareObject(await context.readObject(item), item, { app, fleet: context.fleet, isAutoscaled, leaveAlone: [] });
  const isSame = isSameBut(rules, desired, live);
  const seen = context.cache.upsert(live);
  if (isIgnorable) {
    if (isSame) record.objects.set(item.key, { ...known!, projection: seen.projection });
    return;
  }
  const isOwned = appliedFields(live.metadata, FIELD_MANAGER) !== undefined;
  record.objects.set(item.key, {
    version: item.version,
    wave: item.wave,
    uid: live.metadata.uid,
    applied: isSame && isOwned ? content : 'unknown',
    projection: seen.projection,
    ...grantMark(item),
  });
}
