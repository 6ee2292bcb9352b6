import { apiVersionFrom, parseObjectKey } from '@flotilla/kube';
import type { ApiResourceInfo } from '@flotilla/kubeclient';
import type { KindWatches } from '../cluster/kind-watches.js';
import type { Denial } from '../plan/allow-list.js';
import type { OperationRecord } from '../plan/app-record.js';
import { type AppPlan, healthOfPlan, type PlannedObject, planApp } from '../plan/plan-app.js';
import { isDue, isPruneDue, planSteps, type Step, waveGate } from '../plan/plan-steps.js';
import { type ResolvedBundle, resolveItems } from '../plan/resolve-items.js';
import { decideMode, retryDelayMs, type SyncMode } from '../plan/sync-mode.js';
import type { PlanItem } from '../secrets/granted-items.js';
import { OperationTrace } from '../trace/operation-trace.js';
import { adoptObjects } from './adopt-objects.js';
import { forgetGone } from './forget-gone.js';
import { keepSecrets, markGranted } from './keep-secrets.js';
import { probeObjects } from './probe-objects.js';
import { runStep, type StepResult } from './run-step.js';
import { type AppTask, observedIn, type SpokeContext } from './spoke-context.js';

export interface ReconcileInput {
  context: SpokeContext;
  watches: KindWatches;
  task: AppTask;
  /** Its bundle's objects and the Secrets it is granted. */
  items: readonly PlanItem[];
  denial: Denial;
  isClaimedElsewhere: (key: string) => boolean;
}

export interface Reconciled {
  plan: AppPlan;
  /** Look again after this time even if nothing is heard. */
  againAfterMs?: number;
  /** Requests that changed the cluster. */
  writes: number;
}

/** Objects whose kind or namespace is missing are tried again this often. */
const PARKED_RETRY_MS = 15_000;
const UNREACHABLE_RETRY_MS = 5_000;

/**
 * Brings one application to its document, as far as it can go now: wave by wave, each wave only when the one before is healthy.
 * It keeps nothing in its hands between two calls, so that it goes on after a restart where the cluster stands.
 */
export async function reconcileApp(input: ReconcileInput): Promise<Reconciled> {
  const { context, task } = input;
  const { app, record } = task;
  record.deletionApproved = app.deletionApproved === true;
  const bundle = await resolve(input);
  await probeObjects(context, task, bundle, input.denial);
  await adoptObjects(context, task, bundle);
  markGranted(task, bundle);
  const mode = guardEmpty(input, decideMode(app, record));
  const secrets = await keepSecrets(context, task, makePlan(input, bundle), mode);
  const plan = await forgetGone(context, task, makePlan(input, bundle));
  const run = await runSteps(input, plan, mode);
  await context.saveRecord(record);
  const after = makePlan(input, run.isNewKind ? await resolve(input) : bundle);
  task.memory.trace?.settle(healthOfPlan(after));
  const isParked = after.objects.some(
    ({ state, item }) =>
      state === 'parked' || (state === 'waiting' && item.grant?.policy === 'Merge') || task.memory.problems.has(item.key),
  );
  const waits = [run.againAfterMs, secrets.againAfterMs, isParked ? PARKED_RETRY_MS : undefined].filter((ms) => ms !== undefined);
  return { plan: after, writes: run.writes + secrets.writes, againAfterMs: waits.length > 0 ? Math.min(...waits) : undefined };
}

async function resolve({ context, watches, task, items, denial }: ReconcileInput): Promise<ResolvedBundle> {
  const infos = new Map<string, ApiResourceInfo>();
  const look = async (apiVersion: string, kind: string): Promise<void> => {
    const at = `${apiVersion} ${kind}`;
    if (infos.has(at)) return;
    const info = await context.client.resourceFor(apiVersion, kind);
    if (info) infos.set(at, info);
  };
  for (const item of items) await look(apiVersionFrom(item.group, item.version), item.kind);
  for (const [key, { version }] of task.record.objects) {
    const ref = parseObjectKey(key);
    if (ref) await look(apiVersionFrom(ref.group, version), ref.kind);
  }
  // What this spoke's owner forbids may well be what the agent has no right to read.
  const readable = [...infos.values()].filter((info) => info.namespaced || !denial({ ...info, namespace: '' }));
  await watches.ensure(readable, context.autoscaled.ready);
  return resolveItems(items, task.app.destinationNamespace, (apiVersion, kind) => infos.get(`${apiVersion} ${kind}`));
}

function makePlan({ context, task, denial, isClaimedElsewhere }: ReconcileInput, bundle: ResolvedBundle): AppPlan {
  return planApp({
    ...task,
    bundle,
    fleet: context.fleet,
    observed: (version, key) => observedIn(context, task.memory, version, key),
    isAutoscaled: (key) => context.autoscaled.has(key),
    denial,
    isClaimedElsewhere,
  });
}

/** A bundle without objects prunes nothing unless `allowEmpty` says that this is meant. */
function guardEmpty({ items, task }: ReconcileInput, mode: SyncMode): SyncMode {
  const isEmpty = items.every(({ hook }) => hook);
  return isEmpty && task.app.syncPolicy?.automated?.allowEmpty !== true ? { ...mode, prune: false } : mode;
}

interface Run {
  writes: number;
  isNewKind: boolean;
  againAfterMs?: number;
}

async function runSteps(input: ReconcileInput, plan: AppPlan, mode: SyncMode): Promise<Run> {
  const { context, task } = input;
  const run: Run = { writes: 0, isNewKind: false };
  const steps = planSteps(plan, mode.options);
  const operation = beginOperation(input, steps, mode);
  if (!operation) return run;
  if (operation.retryAt !== undefined && operation.retryAt > context.clock.now()) {
    run.againAfterMs = operation.retryAt - context.clock.now();
    return run;
  }
  const trace = traceOf(input, operation);
  for (const [i, step] of steps.entries()) {
    const result = await runStep(context, task, step, mode, trace);
    run.writes += result.applied + result.pruned;
    run.isNewKind ||= result.applied > 0 && step.objects.some(({ item }) => item.kind === 'CustomResourceDefinition');
    run.againAfterMs = least(run.againAfterMs, result.againAfterMs);
    if (endedEarly(input, operation, { result, run, mode })) return run;
    if (!steps.slice(i + 1).some((later) => hasContentWork(later, mode))) continue;
    const gate = waveGate(step, (object) => healthNow(input, object));
    if (gate.open) {
      trace.healthy();
      continue;
    }
    trace.awaitHealth(`wave ${step.wave}`);
    operation.message = gate.message;
    if (gate.failed) failOperation(input, operation, gate.message, run, mode);
    return run;
  }
  finishOperation(input, operation, 'Succeeded', 'successfully synced');
  trace.finish(undefined);
  return run;
}

/** The spans of this operation: those under way when it goes on, new ones in the place of another's. */
function traceOf({ context, task }: ReconcileInput, operation: OperationRecord): OperationTrace {
  const { memory, app, record } = task;
  // A correction works on a copy: it is nothing that history shows.
  const isHeal = operation !== record.operation;
  if (memory.trace?.isFor(operation, isHeal)) return memory.trace;
  memory.trace?.abandon('superseded');
  memory.trace = new OperationTrace(context.tracing, app, operation, isHeal);
  return memory.trace;
}

/** Content, not drift: a partial sync that only corrects drift waits for nobody. */
function hasContentWork(step: Step, mode: SyncMode): boolean {
  return (
    step.prunes.some((prune) => isPruneDue(prune, mode)) ||
    step.objects.some((object) => isDue(object, mode) && (object.state === 'new' || object.state === 'changed'))
  );
}

function healthNow({ context, task }: ReconcileInput, { item }: PlannedObject) {
  const observed = observedIn(context, task.memory, item.version, item.key);
  // A parked object waits alone.
  if (!observed && task.memory.problems.has(item.key)) return undefined;
  if (!observed) return 'missing' as const;
  return observed.ignoresHealth ? undefined : observed.health;
}

/** The operation this run works for: a new one when there is work and none under way; undefined when there is nothing to do. */
function beginOperation({ context, task }: ReconcileInput, steps: readonly Step[], mode: SyncMode): OperationRecord | undefined {
  const { record, app } = task;
  const current = record.operation;
  const isSame = current?.id === mode.operationId && current.bundle === app.bundle;
  const hasWork = steps.some(
    (step) => step.prunes.some((prune) => isPruneDue(prune, mode)) || step.objects.some((object) => isDue(object, mode)),
  );
  if (isSame && current.phase === 'Running') return current;
  if (isSame && current.phase === 'Failed') return undefined;
  if (!hasWork && !mode.asked) return undefined;
  const isCorrection =
    !mode.asked && current?.bundle === app.bundle && current.phase === 'Succeeded' && !steps.some((step) => hasContentWork(step, mode));
  const startedAt = new Date(context.clock.now()).toISOString();
  const begun: OperationRecord = { id: mode.operationId, phase: 'Running', startedAt, bundle: app.bundle, failures: 0 };
  if (mode.asked) {
    record.asked = mode.operationId;
    task.memory.corrections.clear();
    task.memory.problems.clear();
  }
  // Correcting drift is no new operation: history shows syncs of releases.
  if (isCorrection) return { ...current, failures: 0 };
  record.operation = begun;
  return begun;
}

function endedEarly(
  input: ReconcileInput,
  operation: OperationRecord,
  { result, run, mode }: { result: StepResult; run: Run; mode: SyncMode },
): boolean {
  if (result.unreachable) {
    operation.message = result.unreachable;
    run.againAfterMs = UNREACHABLE_RETRY_MS;
    return true;
  }
  if (result.failures.length === 0) return false;
  failOperation(input, operation, result.failures.slice(0, 5).join('; '), run, mode);
  return true;
}

function failOperation(input: ReconcileInput, operation: OperationRecord, message: string, run: Run, mode: SyncMode): void {
  operation.failures++;
  operation.message = message;
  const wait = retryDelayMs(input.task.app, operation, mode.asked);
  if (wait === undefined) {
    finishOperation(input, operation, 'Failed', message);
    input.task.memory.trace?.finish('failed');
    return;
  }
  operation.retryAt = input.context.clock.now() + wait;
  run.againAfterMs = wait;
}

function finishOperation({ context }: ReconcileInput, operation: OperationRecord, phase: 'Succeeded' | 'Failed', message: string): void {
  if (operation.phase !== 'Running') return;
  operation.phase = phase;
  operation.message = message;
  operation.finishedAt = new Date(context.clock.now()).toISOString();
  delete operation.retryAt;
}

const least = (a: number | undefined, b: number | undefined): number | undefined =>
  a === undefined ? b : b === undefined ? a : Math.min(a, b);
