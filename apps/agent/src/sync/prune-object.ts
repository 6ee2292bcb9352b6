import { messageOf } from '@flotilla/kernel';
import {
  apiVersionFrom,
  FIELD_MANAGER,
  judgePrune,
  type KubeObject,
  MANAGED_LABEL,
  optionValue,
  type PruneContext,
  parseObjectKey,
  TRACKING_ANNOTATION,
} from '@flotilla/kube';
import { KubeError } from '@flotilla/kubeclient';
import type { AppRecord } from '../plan/app-record.js';
import type { SpokeContext } from './spoke-context.js';

export type PruneOutcome =
  /** The object is gone, or was never ours to delete: the entry goes. */
  | { kind: 'gone' }
  /** Deletion was asked for and is under way. */
  | { kind: 'going' }
  | { kind: 'kept'; reason: string }
  | { kind: 'refused'; message: string }
  | { kind: 'unreachable'; message: string };

const POLICIES: Record<string, string> = { foreground: 'Foreground', background: 'Background', orphan: 'Orphan' };

/**
 * Deletes one object of an inventory after reading it anew: every permission is judged on what the server says now, and the uid
 * goes along as a precondition, so that a successor of the same name survives.
 */
export async function pruneObject(
  context: SpokeContext,
  record: AppRecord,
  key: string,
  permission: PruneContext,
  options: readonly string[],
): Promise<PruneOutcome> {
  const entry = record.objects.get(key);
  try {
    const path = entry && (await livePath(context, key, entry.version));
    if (!entry || !path) return { kind: 'kept', reason: 'the cluster no longer serves its kind, so it cannot be looked at' };
    const live = (await context.client.get(path)) as KubeObject | undefined;
    const verdict = judgePrune(key, entry, live?.metadata, permission);
    if (!verdict.prune) return verdict.forget ? { kind: 'gone' } : { kind: 'kept', reason: verdict.reason };
    if (live?.metadata.deletionTimestamp) return { kind: 'going' };
    const propagationPolicy = POLICIES[optionValue('PrunePropagationPolicy', options) ?? 'foreground'] ?? 'Foreground';
    await context.client.request('DELETE', path, {
      body: { kind: 'DeleteOptions', apiVersion: 'v1', propagationPolicy, preconditions: { uid: verdict.uid } },
    });
    return { kind: 'going' };
  } catch (error) {
    if (error instanceof KubeError && error.status === 404) return { kind: 'gone' };
    if (error instanceof KubeError && error.retry === 'never') return { kind: 'refused', message: messageOf(error) };
    return { kind: 'unreachable', message: messageOf(error) };
  }
}

/** Lets an object go without deleting it: our label and tracking id come off. */
export async function orphanObject(context: SpokeContext, record: AppRecord, key: string, permission: PruneContext): Promise<void> {
  const entry = record.objects.get(key);
  const path = entry && (await livePath(context, key, entry.version));
  if (!entry || !path) return;
  const live = (await context.client.get(path)) as KubeObject | undefined;
  const verdict = judgePrune(key, entry, live?.metadata, permission);
  if (!live || (!verdict.prune && verdict.forget)) return;
  const body = {
    metadata: {
      uid: live.metadata.uid,
      labels: { [MANAGED_LABEL]: null },
      annotations: { [TRACKING_ANNOTATION]: null },
    },
  };
  await context.client.request('PATCH', path, {
    body,
    contentType: 'application/merge-patch+json',
    query: { fieldManager: FIELD_MANAGER },
  });
}

async function livePath(context: SpokeContext, key: string, version: string): Promise<string | undefined> {
  const ref = parseObjectKey(key);
  const info = ref && (await context.client.resourceFor(apiVersionFrom(ref.group, version), ref.kind));
  return ref && info ? context.client.pathFor(info, ref.namespace, ref.name) : undefined;
}
