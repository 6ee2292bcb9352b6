import type { AppStatus, DesiredApp, HealthStatus, ResourceStatus, SyncStatus } from '@flotilla/contracts';
import { readablePath } from '@flotilla/kube';
import type { AppRecord } from '../plan/app-record.js';
import { unreadablePaths } from '../plan/ignore-rules.js';
import { type AppPlan, healthOfPlan, type PlannedObject } from '../plan/plan-app.js';
import type { FullAppStatus } from './status-draft.js';

export interface StatusInput {
  app: DesiredApp;
  record: AppRecord;
  plan: AppPlan;
  problems: ReadonlyMap<string, string>;
  observedAt: string;
}

type Conditions = NonNullable<AppStatus['conditions']>;
const MAX_MESSAGE = 1_000;
const MAX_NAMED = 10;

/** What the hub is told of one application: Argo CD's two judgements, one row per object, and what stands in the way. */
export function buildAppStatus(input: StatusInput): FullAppStatus {
  const { app, record, plan, observedAt } = input;
  const rows = new Map<string, ResourceStatus>();
  for (const object of plan.objects) rows.set(object.item.key, objectRow(object, input.problems));
  for (const prune of plan.prunes) rows.set(prune.key, pruneRow(prune, input.problems));
  for (const hook of plan.hooks) rows.set(hook.key, { key: hook.key, version: hook.version, sync: 'Synced', hook: true });
  const conditions = conditionsOf(input);
  const operation = record.operation;
  return {
    uid: app.uid,
    release: app.release,
    bundle: app.bundle,
    sync: overallSync(plan),
    health: healthOfPlan(plan),
    ...(conditions.length > 0 ? { conditions } : {}),
    ...(operation
      ? {
          operation: {
            id: operation.id,
            phase: operation.phase,
            startedAt: operation.startedAt,
            ...(operation.message ? { message: cut(operation.message) } : {}),
            ...(operation.finishedAt ? { finishedAt: operation.finishedAt } : {}),
          },
        }
      : {}),
    observedAt,
    rows,
  };
}

/** The state when nothing could be compared: never read as healthy or empty. */
export function unknownAppStatus(app: DesiredApp, record: AppRecord, message: string, observedAt: string): FullAppStatus {
  const empty: AppPlan = { objects: [], prunes: [], hooks: [] };
  const status = buildAppStatus({ app, record, plan: empty, problems: new Map(), observedAt });
  return {
    ...status,
    sync: 'Unknown',
    health: 'Unknown',
    message: cut(message),
    conditions: [{ type: 'ComparisonError', message: cut(message) }],
  };
}

function overallSync(plan: AppPlan): SyncStatus {
  const differs =
    plan.objects.some(({ state }) => state !== 'synced') || plan.prunes.some(({ verdict }) => verdict.prune || !verdict.forget);
  return differs ? 'OutOfSync' : 'Synced';
}

function objectRow(object: PlannedObject, problems: ReadonlyMap<string, string>): ResourceStatus {
  const { item, state, observed } = object;
  const health: HealthStatus | undefined = observed ? observed.health?.status : state === 'waiting' ? 'Progressing' : 'Missing';
  const message = problems.get(item.key) ?? messageOf(object) ?? observed?.health?.message;
  return {
    key: item.key,
    version: item.version,
    sync: state === 'synced' ? 'Synced' : 'OutOfSync',
    ...(health ? { health } : {}),
    ...(message ? { message: cut(message) } : {}),
  };
}

function messageOf({ state, message, record }: PlannedObject): string | undefined {
  if (state === 'contested' && record?.contested) {
    const { manager, fields } = record.contested;
    return `contested: ${manager} and flotilla both write ${fields.map(readablePath).slice(0, MAX_NAMED).join(', ')}`;
  }
  if (message) return message;
  if (state === 'missing') return 'deleted in the cluster';
  return state === 'drifted' ? 'changed in the cluster' : undefined;
}

function pruneRow({ key, record, verdict, observed }: AppPlan['prunes'][number], problems: ReadonlyMap<string, string>): ResourceStatus {
  const message = problems.get(key) ?? (verdict.prune ? 'no longer in Git' : `no longer in Git, kept: ${verdict.reason}`);
  const health = observed?.health?.status;
  return { key, version: record.version, sync: 'OutOfSync', requiresPruning: true, ...(health ? { health } : {}), message: cut(message) };
}

function conditionsOf({ app, plan, problems }: StatusInput): Conditions {
  const conditions: Conditions = [];
  const add = (type: string, intro: string, names: readonly string[]): void => {
    if (names.length === 0) return;
    const more = names.length > MAX_NAMED ? ` and ${names.length - MAX_NAMED} more` : '';
    conditions.push({ type, message: cut(`${intro}: ${names.slice(0, MAX_NAMED).join(', ')}${more}`) });
  };
  const named = (state: PlannedObject['state']) => plan.objects.filter((object) => object.state === state);
  add(
    'HookSkipped',
    'hooks are neither applied nor pruned yet',
    plan.hooks.map(({ key, hook }) => `${key} (${hook?.join(', ') || 'unknown hook'})`),
  );
  add(
    'SharedResourceWarning',
    'not applied, as they belong to somebody else',
    named('shared').map(({ item, message }) => `${item.key}: ${message}`),
  );
  add(
    'ContestedFields',
    'left alone until Git changes or someone syncs',
    named('contested').map((object) => `${object.item.key}: ${messageOf(object)}`),
  );
  add('ObjectsParked', 'waiting for their kind or namespace', [
    ...named('parked').map(({ item, message }) => `${item.key}: ${message}`),
    ...named('new').flatMap(({ item }) => (problems.has(item.key) ? [`${item.key}: ${problems.get(item.key)}`] : [])),
  ]);
  add(
    'SecretsWaiting',
    'without the value they should have',
    named('waiting').map(({ item, message }) => `${item.key} ${message}`),
  );
  add(
    'DeniedBySpoke',
    'this spoke does not allow them',
    named('denied').map(({ item, message }) => `${item.key}: ${message}`),
  );
  add(
    'PruneHeld',
    'no longer in Git, but kept',
    plan.prunes.flatMap(({ key, verdict }) => (!verdict.prune && !verdict.forget ? [`${key}: ${verdict.reason}`] : [])),
  );
  add('IgnoreDifferencesWarning', 'jq expressions that are not in force', unreadablePaths(app.ignoreDifferences));
  add('SyncOptionWarning', 'sync options that are not in force', unsupportedOptions(app, plan));
  return conditions;
}

const UNSUPPORTED = ['Replace=true', 'Force=true', 'Prune=confirm', 'Delete=confirm', 'ServerSideApply=false'];

function unsupportedOptions(app: DesiredApp, plan: AppPlan): string[] {
  const own = plan.objects.flatMap(({ item }) =>
    (item.options ?? []).filter((option) => UNSUPPORTED.includes(option)).map((option) => `${item.key}: ${option}`),
  );
  return [...(app.syncPolicy?.syncOptions ?? []).filter((option) => UNSUPPORTED.includes(option)), ...own];
}

const cut = (text: string): string => (text.length > MAX_MESSAGE ? `${text.slice(0, MAX_MESSAGE - 1)}…` : text);
