import { MAX_PART_BYTES } from '@flotilla/contracts';
import { messageOf } from '@flotilla/kernel';
import {
  apiVersionFrom,
  FIELD_MANAGER,
  healthOf,
  type KubeObject,
  maskSecret,
  type ObjectRef,
  parseObjectKey,
  subsetDiff,
} from '@flotilla/kube';
import type { Ask } from '../link/hub-session.js';
import type { AppRecord } from '../plan/app-record.js';
import type { PlannedObject } from '../plan/plan-app.js';
import { prepareObject } from '../plan/prepare-object.js';
import type { Engine } from '../sync/engine.js';
import { pathOf, type SpokeContext } from '../sync/spoke-context.js';
import { readTree } from './read-tree.js';

/** One part of an answer; none is larger than a message may be. */
type Send = (n: number, content: { last: boolean; content?: unknown; error?: { code: string; message: string } }) => void;

const MAX_DIFFS = 200;

/** Answers the questions people ask of a live cluster. Values of Secrets are masked before anything leaves. */
export async function answerAsk(context: SpokeContext, engine: Engine, ask: Ask, send: Send): Promise<void> {
  try {
    const contents = await contentsOf(context, engine, ask);
    for (const [i, content] of contents.entries()) {
      const isTooLarge = Buffer.byteLength(JSON.stringify(content)) > MAX_PART_BYTES - 4096;
      send(i, { last: i === contents.length - 1, content: isTooLarge ? { omitted: `larger than ${MAX_PART_BYTES} bytes` } : content });
    }
  } catch (error) {
    send(0, { last: true, error: { code: 'unavailable', message: messageOf(error).slice(0, 1000) } });
  }
}

async function contentsOf(context: SpokeContext, engine: Engine, ask: Ask): Promise<unknown[]> {
  switch (ask.verb) {
    case 'live':
      return [await readLive(context, engine, ask.resource ?? '', ask.app)];
    case 'tree':
      return [await readTree(context, recordOf(engine, ask.app))];
    case 'diff':
      return readDiffs(context, engine, ask.app ?? '');
    case 'refresh':
      engine.refresh(ask.app);
      return [{ refreshed: true }];
    default:
      return [{}];
  }
}

function recordOf(engine: Engine, uid: string | undefined): AppRecord {
  const record = uid === undefined ? undefined : engine.recordOf(uid);
  if (!record) throw new Error(`application ${uid} is not on this spoke`);
  return record;
}

async function readLive(context: SpokeContext, engine: Engine, key: string, app: string | undefined): Promise<unknown> {
  const ref = parseObjectKey(key);
  if (!ref) throw new Error(`${key} is no group/Kind/namespace/name`);
  const version = app === undefined ? undefined : engine.recordOf(app)?.objects.get(key)?.version;
  const path = await pathOfRef(context, ref, version);
  const live = path && ((await context.client.get(path)) as KubeObject | undefined);
  if (!live) throw new Error(`${key} does not exist`);
  return mask(live, engine.isGranted(key));
}

async function pathOfRef(context: SpokeContext, ref: ObjectRef, version?: string): Promise<string | undefined> {
  const info =
    version === undefined
      ? (await context.client.discover()).find(({ group, kind }) => group === ref.group && kind === ref.kind)
      : await context.client.resourceFor(apiVersionFrom(ref.group, version), ref.kind);
  return info && context.client.pathFor(info, ref.namespace, ref.name);
}

async function readDiffs(context: SpokeContext, engine: Engine, uid: string): Promise<unknown[]> {
  const app = engine.app(uid);
  if (!app?.last) throw new Error(`application ${uid} was not compared yet`);
  const differing = app.last.plan.objects.filter(({ state, item }) => state !== 'synced' && item.info);
  const diffs = await Promise.all(
    differing.slice(0, MAX_DIFFS).map((planned) => context.limit(() => diffOf(context, app.desired, planned))),
  );
  const prunes = app.last.plan.prunes.map(({ key }) => ({ key, state: 'prune' }));
  return diffs.length + prunes.length === 0 ? [{ differences: [] }] : [...diffs, ...prunes];
}

async function diffOf(
  context: SpokeContext,
  app: { namespace: string; name: string },
  { item, state, content, record }: PlannedObject,
): Promise<unknown> {
  if (item.grant?.isHeld === false) return { key: item.key, state, message: item.grant.message };
  const isAutoscaled = content !== item.digest;
  const isGranted = item.grant !== undefined || record?.grant !== undefined;
  const path = pathOf(context, item);
  const desired = prepareObject(await context.readObject(item), item, { app, fleet: context.fleet, isAutoscaled, leaveAlone: [] });
  const live = (await context.client.get(path)) as KubeObject | undefined;
  // What the server would make of it shows defaults too; where it refuses, the plain desired object is shown.
  const predicted = (await context.client
    .apply(path, desired, { fieldManager: FIELD_MANAGER, force: true, dryRun: true })
    .catch(() => desired)) as KubeObject;
  const isSecret = item.kind === 'Secret' && item.group === '';
  const differences = subsetDiff(desired, live).map(({ pointer, ...values }) => (isSecret ? { pointer } : { pointer, ...values }));
  return {
    key: item.key,
    state,
    health: live && healthOf(live)?.status,
    desired: mask(predicted, isGranted),
    live: live && mask(live, isGranted),
    differences,
  };
}

/** Values that are no secret of anybody: our own marks, and Argo CD's. */
const OPEN_MARKS = ['flotilla.dev/', 'argocd.argoproj.io/'];
const MASK = '++++++++';

/** A granted Secret's template may put values anywhere, so its labels and annotations are masked too. */
function mask(object: KubeObject, isGranted: boolean): KubeObject {
  const masked = maskSecret(object);
  if (!isGranted) return masked;
  const hide = (marks: Record<string, string> = {}): Record<string, string> =>
    Object.fromEntries(Object.entries(marks).map(([name, text]) => [name, OPEN_MARKS.some((open) => name.startsWith(open)) ? text : MASK]));
  const { labels, annotations } = masked.metadata;
  return { ...masked, metadata: { ...masked.metadata, labels: hide(labels), annotations: hide(annotations) } };
}
