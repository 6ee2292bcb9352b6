import { InvalidInputError, messageOf } from '@flotilla/kernel';
import {
  appliedFields,
  FIELD_MANAGER,
  hasOption,
  type KubeObject,
  leafPaths,
  readablePath,
  subsetDiff,
  takeOverManagedFields,
} from '@flotilla/kube';
import { KubeError } from '@flotilla/kubeclient';
import { findContest, recordCorrection } from '../plan/contest.js';
import { ignoredPaths, ignoreRulesFor, isSameBut } from '../plan/ignore-rules.js';
import type { PlannedObject } from '../plan/plan-app.js';
import { keepLiveValues, prepareObject } from '../plan/prepare-object.js';
import { healDelayMs, type SyncMode } from '../plan/sync-mode.js';
import { grantMark } from '../secrets/granted-items.js';
import { type AppTask, pathOf, type SpokeContext } from './spoke-context.js';

export type ApplyOutcome =
  | { kind: 'applied' }
  /** Left to another manager, or waiting for its turn. */
  | { kind: 'left'; againAfterMs?: number }
  /** Only this object waits: its namespace or kind is not there. */
  | { kind: 'parked'; message: string }
  /** The server refuses it; asking again gives the same answer. */
  | { kind: 'refused'; message: string }
  /** No decision was made: the server is away, busy or failing. */
  | { kind: 'unreachable'; message: string };

const REPLICAS = 'f:spec\0f:replicas';

/** Sends one object by server-side apply and records the answer as the reference for drift. */
export async function applyObject(context: SpokeContext, task: AppTask, planned: PlannedObject, mode: SyncMode): Promise<ApplyOutcome> {
  const { item } = planned;
  try {
    const outcome =
      planned.state === 'drifted' ? await correctObject(context, task, planned, mode) : await sendObject(context, task, planned, mode);
    if (outcome.kind === 'applied') task.memory.problems.delete(item.key);
    return outcome;
  } catch (error) {
    const outcome = quiet(item, classify(error), error);
    if (outcome.kind !== 'unreachable') task.memory.problems.set(item.key, outcome.message);
    return outcome;
  }
}

/** What a server says of a Secret may quote it, so only its verdict is passed on. */
function quiet<T extends { message: string }>({ sealed }: PlannedObject['item'], outcome: T, error: unknown): T {
  if (!sealed || !(error instanceof KubeError)) return outcome;
  return { ...outcome, message: `the API server answers ${error.status}${error.reason ? ` ${error.reason}` : ''}` };
}

function classify(error: unknown): Extract<ApplyOutcome, { message: string }> {
  const message = messageOf(error);
  if (error instanceof KubeError) {
    if (error.status === 404) return { kind: 'parked', message };
    if (error.status === 409 && error.reason === 'Conflict') return { kind: 'unreachable', message };
    if (error.retry === 'later') return { kind: 'unreachable', message };
    // A namespace that is going away takes nothing new, but goes away.
    return /because it is being terminated/.test(message) ? { kind: 'parked', message } : { kind: 'refused', message };
  }
  return error instanceof InvalidInputError ? { kind: 'refused', message } : { kind: 'unreachable', message };
}

/** A drift: look who changed what first; the same manager taking the same fields back at once is contested, not corrected. */
async function correctObject(context: SpokeContext, task: AppTask, planned: PlannedObject, mode: SyncMode): Promise<ApplyOutcome> {
  const { item } = planned;
  const { memory, record } = task;
  const previous = memory.corrections.get(item.key);
  const now = context.clock.now();
  const live = (await context.client.get(pathOf(context, item))) as KubeObject | undefined;
  if (!live) return sendObject(context, task, planned, mode);
  const known = record.objects.get(item.key);
  if (known && (await isIgnored(context, task, planned, live))) {
    record.objects.set(item.key, { ...known, projection: context.cache.upsert(live).projection });
    return { kind: 'left' };
  }
  const contest = mode.asked ? undefined : findContest(previous, live.metadata, now);
  if (contest && known) {
    const fields = [...new Set([...(known.contested?.fields ?? []), ...contest.fields])];
    context.log('warn', 'field contested', { object: item.key, manager: contest.manager, fields: fields.map(readablePath) });
    const contested = { manager: contest.manager, fields };
    const seen = context.cache.upsert(live);
    record.objects.set(item.key, { ...known, contested, projection: seen.projection });
    const desired = await prepared(context, task, planned, contested.fields);
    if (subsetDiff(desired, live).length === 0) return { kind: 'left' };
  } else if (previous && !mode.asked) {
    const wait = previous.at + healDelayMs(previous.count) - now;
    if (wait > 0) return { kind: 'left', againAfterMs: wait };
  }
  return sendObject(context, task, planned, mode, live);
}

/** A change that ignoreDifferences covers may have come after the look that settles those. */
async function isIgnored(context: SpokeContext, task: AppTask, planned: PlannedObject, live: KubeObject): Promise<boolean> {
  const rules = ignoreRulesFor(task.app.ignoreDifferences, planned.item);
  return rules !== undefined && isSameBut(rules, await prepared(context, task, planned, []), live);
}

async function sendObject(
  context: SpokeContext,
  task: AppTask,
  planned: PlannedObject,
  mode: SyncMode,
  before?: KubeObject,
): Promise<ApplyOutcome> {
  const { item, content } = planned;
  const { record, memory } = task;
  const path = pathOf(context, item);
  const known = record.objects.get(item.key);
  const contested = planned.state === 'drifted' ? known?.contested : undefined;
  let desired = await prepared(context, task, planned, contested?.fields ?? []);
  if (item.grant?.policy === 'Merge') {
    const live = before ?? ((await context.client.get(path)) as KubeObject | undefined);
    if (!live) return { kind: 'parked', message: 'the Secret does not exist any more, and creationPolicy Merge never makes one' };
    desired = mergedInto(live, desired);
  }
  const rules = hasOption('RespectIgnoreDifferences', item.options, mode.options)
    ? ignoreRulesFor(task.app.ignoreDifferences, item)
    : undefined;
  if (rules) {
    const live = before ?? ((await context.client.get(path)) as KubeObject | undefined);
    if (live) desired = keepLiveValues(desired, live, ignoredPaths(rules, live));
  }
  if (content !== item.digest && known && known.applied !== content) await handOverReplicas(context, path, desired);
  const options = { fieldManager: FIELD_MANAGER, force: true, dryRun: mode.dryRun };
  let answer = (await context.client.apply(path, desired, options)) as KubeObject;
  if (mode.dryRun) return { kind: 'applied' };
  if (!known?.projection && (await takeOver(context, path, answer)))
    answer = (await context.client.apply(path, desired, options)) as KubeObject;
  const seen = context.cache.upsert(answer);
  if (before)
    memory.corrections.set(
      item.key,
      recordCorrection(memory.corrections.get(item.key), before.metadata, answer.metadata, context.clock.now()),
    );
  record.objects.set(item.key, {
    version: item.version,
    wave: item.wave,
    uid: answer.metadata.uid,
    applied: content,
    projection: seen.projection,
    ...(contested ? { contested } : {}),
    ...grantMark(item),
  });
  return { kind: 'applied' };
}

/** Nothing but the keys goes into a Secret of others; the uid lets the server refuse when it was deleted meanwhile. */
function mergedInto(live: KubeObject, { type: _type, immutable: _immutable, ...desired }: KubeObject): KubeObject {
  return { ...desired, metadata: { ...desired.metadata, uid: live.metadata.uid } } as KubeObject;
}

async function prepared(
  context: SpokeContext,
  task: AppTask,
  { item, content }: PlannedObject,
  leaveAlone: readonly string[],
): Promise<KubeObject> {
  const isAutoscaled = content !== item.digest;
  return prepareObject(await context.readObject(item), item, { app: task.app, fleet: context.fleet, isAutoscaled, leaveAlone });
}

/** Hands fields of kubectl's and Argo CD's applies to us, so that what Git no longer names goes. True when there were any. */
async function takeOver(context: SpokeContext, path: string, live: KubeObject): Promise<boolean> {
  const managedFields = takeOverManagedFields(live.metadata);
  if (!managedFields) return false;
  const body = [
    { op: 'replace', path: '/metadata/managedFields', value: managedFields },
    { op: 'replace', path: '/metadata/resourceVersion', value: live.metadata.resourceVersion },
  ];
  await context.client.request('PATCH', path, { body, contentType: 'application/json-patch+json', query: { fieldManager: FIELD_MANAGER } });
  return true;
}

/**
 * Replicas we sent once and now leave to an autoscaler would fall back to 1 with our claim on them; another manager takes the
 * live number over first (the hand-over that Kubernetes' server-side apply documentation describes).
 */
async function handOverReplicas(context: SpokeContext, path: string, desired: KubeObject): Promise<void> {
  const live = (await context.client.get(path)) as KubeObject | undefined;
  const replicas = (live?.spec as { replicas?: unknown } | undefined)?.replicas;
  const isOurs = live && leafPaths(appliedFields(live.metadata, FIELD_MANAGER) ?? {}).includes(REPLICAS);
  if (!isOurs || typeof replicas !== 'number') return;
  const { name, namespace } = desired.metadata;
  const body = { apiVersion: desired.apiVersion, kind: desired.kind, metadata: { name, namespace }, spec: { replicas } };
  await context.client.apply(path, body, { fieldManager: 'flotilla-replicas', force: true });
}
