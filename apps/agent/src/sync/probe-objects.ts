import { apiVersionFrom, type KubeObject, type ObjectRef, parseObjectKey } from '@flotilla/kube';
import type { ApiResourceInfo } from '@flotilla/kubeclient';
import { observe, observedKey } from '../cluster/observed.js';
import type { Denial } from '../plan/allow-list.js';
import type { ResolvedBundle } from '../plan/resolve-items.js';
import type { AppTask, SpokeContext } from './spoke-context.js';

/** From this many unknown objects of one kind and namespace on, one list of names is cheaper than asking for each. */
const LIST_FROM = 4;
const MAX_LIST_PAGES = 4;
/** What was asked by name is believed this long; watches keep the rest current. */
const PROBE_MAX_AGE_MS = 300_000;

interface Wanted extends ObjectRef {
  key: string;
  version: string;
  info: ApiResourceInfo;
}

/**
 * Asks for every object that the watches do not show, so that nothing is overwritten, reported missing or forgotten unseen: new
 * ones may exist without our label, and known ones may have lost it. What this spoke's owner forbids is not looked at either.
 */
export async function probeObjects(context: SpokeContext, task: AppTask, bundle: ResolvedBundle, denial: Denial): Promise<void> {
  const { memory, record } = task;
  const now = context.clock.now();
  if (memory.bundle !== task.app.bundle || now - memory.probedAt > PROBE_MAX_AGE_MS) {
    memory.probes.clear();
    if (memory.bundle !== task.app.bundle) memory.problems.clear();
    memory.probedAt = now;
    memory.bundle = task.app.bundle;
  }
  const wanted: Wanted[] = bundle.items.flatMap((item) => (item.info ? [{ ...item, info: item.info }] : []));
  // Whoever makes the Secret that keys go into is not heard of: it has no label of ours.
  for (const { version, key, grant } of bundle.items) {
    const at = observedKey(version, key);
    if (grant?.policy === 'Merge' && memory.probes.get(at) === null) memory.probes.delete(at);
  }
  for (const [key, entry] of record.objects) {
    const ref = parseObjectKey(key);
    if (!ref || bundle.keys.has(key)) continue;
    const info = await context.client.resourceFor(apiVersionFrom(ref.group, entry.version), ref.kind);
    if (info) wanted.push({ ...ref, key, version: entry.version, info });
  }
  const unseen = wanted.filter((item) => {
    const { version, key } = item;
    if (context.cache.get(version, key) || denial(item)) return false;
    const applied = record.objects.get(key)?.applied;
    return applied ? true : !memory.probes.has(observedKey(version, key));
  });
  await Promise.all(groupByCollection(context, unseen).map(([path, group]) => probeGroup(context, task, path, group)));
}

function groupByCollection(context: SpokeContext, wanted: readonly Wanted[]): [string, Wanted[]][] {
  const groups = new Map<string, Wanted[]>();
  for (const item of wanted) {
    const path = context.client.pathFor(item.info, item.namespace);
    groups.set(path, [...(groups.get(path) ?? []), item]);
  }
  return [...groups];
}

async function probeGroup(context: SpokeContext, task: AppTask, path: string, group: readonly Wanted[]): Promise<void> {
  const names = group.length < LIST_FROM ? undefined : await listNames(context, path);
  await Promise.all(
    group.map(async (item) => {
      const at = observedKey(item.version, item.key);
      if (names && !names.has(item.name)) {
        task.memory.probes.set(at, null);
        return;
      }
      const live = await context.limit(() => context.client.get(context.client.pathFor(item.info, item.namespace, item.name)));
      task.memory.probes.set(at, live ? observe(live as KubeObject, context.digest) : null);
    }),
  );
}

/** Names in one collection, or undefined when it is too large to list for this. */
async function listNames(context: SpokeContext, path: string): Promise<Set<string> | undefined> {
  const names = new Set<string>();
  let next: string | undefined;
  for (let page = 0; page < MAX_LIST_PAGES; page++) {
    const list = await context.limit(() =>
      context.client.request<{ items?: { metadata: { name: string } }[]; metadata: { continue?: string } }>('GET', path, {
        accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json',
        query: { limit: '500', continue: next },
      }),
    );
    for (const { metadata } of list.items ?? []) names.add(metadata.name);
    next = list.metadata.continue;
    if (!next) return names;
  }
  return undefined;
}
