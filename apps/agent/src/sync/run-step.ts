import { messageOf } from '@flotilla/kernel';
import { hasOption, type KubeObject, kindRank } from '@flotilla/kube';
import { KubeError } from '@flotilla/kubeclient';
import type { PlannedObject, PlannedPrune } from '../plan/plan-app.js';
import { isDue, isPruneDue, type Step } from '../plan/plan-steps.js';
import type { SyncMode } from '../plan/sync-mode.js';
import { grantMark } from '../secrets/granted-items.js';
import type { OperationTrace } from '../trace/operation-trace.js';
import { type ApplyOutcome, applyObject } from './apply-object.js';
import { pruneObject } from './prune-object.js';
import type { AppTask, SpokeContext } from './spoke-context.js';

export interface StepResult {
  applied: number;
  pruned: number;
  /** What the server refused; the sync has failed. */
  failures: string[];
  /** Why nothing more could be done now. */
  unreachable?: string;
  /** An object wants another look after this time. */
  againAfterMs?: number;
}

/** One wave: prunes, then applies kind by kind, in parallel within a kind. A failing prune stops the applies, as in Argo CD. */
export async function runStep(
  context: SpokeContext,
  task: AppTask,
  step: Step,
  mode: SyncMode,
  trace: OperationTrace,
): Promise<StepResult> {
  const result: StepResult = { applied: 0, pruned: 0, failures: [] };
  const prunes = mode.dryRun ? [] : step.prunes.filter((prune) => isPruneDue(prune, mode));
  if (prunes.length > 0) await trace.wave('prune', step.wave, result, () => runPrunes(context, task, prunes, mode, result));
  if (result.failures.length > 0 || result.unreachable) return result;
  const due = step.objects.filter((object) => isDue(object, mode));
  if (due.length > 0) await trace.wave('apply', step.wave, result, () => runApplies(context, task, due, mode, result));
  return result;
}

async function runApplies(
  context: SpokeContext,
  task: AppTask,
  due: readonly PlannedObject[],
  mode: SyncMode,
  result: StepResult,
): Promise<void> {
  if (!mode.dryRun) {
    await ensureNamespace(context, task, due, mode);
    await announce(context, task, due);
  }
  for (const group of groupsByKind(due)) {
    const outcomes = await Promise.all(group.map((object) => context.limit(() => applyObject(context, task, object, mode))));
    for (const [i, outcome] of outcomes.entries()) takeOutcome(result, group[i]!, outcome);
    if (result.unreachable) break;
    if (group[0]!.item.kind === 'CustomResourceDefinition' && !mode.dryRun) await awaitEstablished(context, group);
  }
}

function takeOutcome(result: StepResult, object: PlannedObject, outcome: ApplyOutcome): void {
  if (outcome.kind === 'applied') result.applied++;
  else if (outcome.kind === 'refused') result.failures.push(`${object.item.key}: ${outcome.message}`);
  else if (outcome.kind === 'unreachable') result.unreachable ??= `${object.item.key}: ${outcome.message}`;
  else if (outcome.kind === 'left' && outcome.againAfterMs !== undefined) {
    result.againAfterMs = Math.min(result.againAfterMs ?? Number.POSITIVE_INFINITY, outcome.againAfterMs);
  }
}

async function runPrunes(
  context: SpokeContext,
  task: AppTask,
  due: readonly PlannedPrune[],
  mode: SyncMode,
  result: StepResult,
): Promise<void> {
  const { app, record, memory } = task;
  const permission = { app, fleet: context.fleet, deletionApproved: app.deletionApproved === true };
  await Promise.all(
    due.map(async ({ key }) => {
      const outcome = await context.limit(() => pruneObject(context, record, key, permission, mode.options));
      if (outcome.kind === 'gone') record.objects.delete(key);
      if (outcome.kind === 'gone' || outcome.kind === 'going') result.pruned++;
      if (outcome.kind === 'kept') memory.problems.set(key, outcome.reason);
      if (outcome.kind === 'refused') {
        memory.problems.set(key, outcome.message);
        result.failures.push(`${key}: ${outcome.message}`);
      }
      if (outcome.kind === 'unreachable') result.unreachable ??= `${key}: ${outcome.message}`;
    }),
  );
}

/** Writes down what is about to be applied first: an agent killed in between still knows that the objects are its own. */
async function announce(context: SpokeContext, task: AppTask, due: readonly PlannedObject[]): Promise<void> {
  const fresh = due.filter(({ item }) => !task.record.objects.has(item.key));
  if (fresh.length === 0) return;
  for (const { item } of fresh)
    task.record.objects.set(item.key, { version: item.version, wave: item.wave, applied: '', ...grantMark(item) });
  await context.saveRecord(task.record);
}

function groupsByKind(objects: readonly PlannedObject[]): PlannedObject[][] {
  const groups: PlannedObject[][] = [];
  for (const object of objects) {
    const last = groups.at(-1);
    const former = last?.[0]?.item;
    if (last && former && kindRank(former.kind) === kindRank(object.item.kind)) last.push(object);
    else groups.push([object]);
  }
  return groups;
}

const ESTABLISH_TRIES = 60;
const ESTABLISH_WAIT_MS = 250;

/** A new kind is served only once its definition is Established; then discovery is read anew. */
async function awaitEstablished(context: SpokeContext, group: readonly PlannedObject[]): Promise<void> {
  for (const { item } of group) {
    for (let i = 0; i < ESTABLISH_TRIES && context.cache.get(item.version, item.key)?.health?.status !== 'Healthy'; i++) {
      const live = (await context.client.get(context.client.pathFor(item.info!, '', item.name))) as KubeObject | undefined;
      if (!live || context.cache.upsert(live).health?.status === 'Healthy') break;
      await context.clock.sleep(ESTABLISH_WAIT_MS);
    }
  }
  await context.client.discover();
}

/** `CreateNamespace=true`: makes the destination namespace, with the policy's labels, if it is not there. */
async function ensureNamespace(context: SpokeContext, task: AppTask, due: readonly PlannedObject[], mode: SyncMode): Promise<void> {
  const name = task.app.destinationNamespace;
  const isNeeded = due.some(({ item }) => item.namespace === name);
  if (!name || !isNeeded || !hasOption('CreateNamespace', mode.options)) return;
  const path = `/api/v1/namespaces/${encodeURIComponent(name)}`;
  try {
    if (await context.client.get(path)) return;
    const { labels, annotations } = task.app.syncPolicy?.managedNamespaceMetadata ?? {};
    const body = { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels, annotations } };
    await context.client.request('POST', '/api/v1/namespaces', { body });
  } catch (error) {
    if (error instanceof KubeError && error.status === 409) return;
    // Its objects park by themselves when the namespace is missing.
    task.memory.problems.set(`/Namespace//${name}`, messageOf(error));
  }
}
