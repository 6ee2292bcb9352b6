import { type ApplicationStatus, type HealthStatus, type ResourceStatus, type SyncStatus, sourcesOf } from '@flotilla/contracts';
import { parseObjectKey, worseHealth } from '@flotilla/kube';
import { revisionKey } from '../candidates/pin-commits.js';
import { HUB_CLUSTER } from '../fleet/resolve-destination.js';
import type { Report, StatusInput } from './status.store.js';

/** Rows of `status.resources`; more stay in the hub and are counted in a condition. */
const MAX_RESOURCES = 1_000;
/** Conditions after which nobody can say what the desired state is. */
const BLOCKING = ['ComparisonError', 'InvalidSpecError', 'RolloutPolicyError', 'UnknownKindScope'];

type Condition = { type: string; message: string; lastTransitionTime?: string };

/** Pure: the status an Application is served with, in Argo CD's shape, from what its agent reported and what the hub knows. */
export function mergeStatus(input: StatusInput): ApplicationStatus {
  const reports = input.reports.filter(({ cluster }) => cluster === input.assignment?.cluster || cluster === HUB_CLUSTER);
  const isUnknown = isSilent(input);
  const { revision, revisions } = revisionsOf(input);
  const source = input.document.spec.sources?.length ? { sources: input.document.spec.sources } : { source: input.document.spec.source };
  const conditions = conditionsOf(input, reports);
  const resources = reports.flatMap((report) => report.resources);
  const observedAt = reports
    .map((report) => report.observedAt)
    .sort()
    .at(-1);
  const operationState = operationOf(input, reports);
  const health = isUnknown ? 'Unknown' : healthOf(input, reports);
  const message = isUnknown ? lastKnown(reports, input.cluster?.since) : reports.find((report) => report.message)?.message;
  return {
    sync: {
      status: isUnknown ? 'Unknown' : syncOf(input, reports),
      comparedTo: { ...source, destination: input.document.spec.destination },
      ...(revision ? { revision } : {}),
      ...(revisions ? { revisions } : {}),
    },
    health: { status: health, ...(message ? { message } : {}) },
    resources: resources.slice(0, MAX_RESOURCES).map(toResource),
    history: input.history.map(({ entry }) => entry as NonNullable<ApplicationStatus['history']>[number]),
    ...(conditions.length > 0 ? { conditions } : {}),
    ...(operationState ? { operationState } : {}),
    ...(observedAt ? { observedAt, reconciledAt: observedAt } : {}),
    ...(isUnknown && input.cluster?.since ? { unknownSince: input.cluster.since } : {}),
  };
}

/** Whether nobody can say how the application is now: its agent is silent, or there is none. */
function isSilent({ assignment, cluster }: StatusInput): boolean {
  return assignment !== undefined && assignment.cluster !== HUB_CLUSTER && cluster?.phase !== 'Connected';
}

function syncOf(input: StatusInput, reports: readonly Report[]): SyncStatus {
  if (input.hubConditions.some(({ type }) => BLOCKING.includes(type))) return 'Unknown';
  if (!input.assignment) return 'OutOfSync';
  if (reports.length === 0) return 'Unknown';
  if (reports.some(({ sync }) => sync === 'Unknown')) return 'Unknown';
  const isCurrent = reports.every(({ release }) => release === input.assignment?.label);
  return isCurrent && reports.every(({ sync }) => sync === 'Synced') ? 'Synced' : 'OutOfSync';
}

function healthOf(input: StatusInput, reports: readonly Report[]): HealthStatus {
  if (!input.assignment && reports.length === 0) return input.hubConditions.length > 0 ? 'Unknown' : 'Missing';
  if (reports.length === 0) return 'Unknown';
  return reports.map(({ health }) => health).reduce((worst, health) => worseHealth(worst, health));
}

function lastKnown(reports: readonly Report[], since: string | undefined): string {
  const [report] = reports;
  const known = report ? `last known: ${report.health}, ${report.sync} (observed ${report.observedAt})` : 'nothing was ever reported';
  return `the cluster is not connected${since ? ` since ${since}` : ''}; ${known}`;
}

function revisionsOf({ document, assignment }: StatusInput): { revision?: string; revisions?: string[] } {
  if (!assignment) return {};
  const sources = sourcesOf(document.spec);
  const found = sources.map((source) => assignment.revisions[revisionKey(source)] ?? assignment.content.revision);
  return document.spec.sources?.length ? { revisions: found } : { revision: found[0] };
}

function conditionsOf({ hubConditions, cluster, removals }: StatusInput, reports: readonly Report[]): Condition[] {
  const rows = reports.reduce((sum, { resources }) => sum + resources.length, 0);
  const said: Condition[] = [
    ...hubConditions,
    ...reports.flatMap(({ conditions = [] }) => conditions),
    ...removals.flatMap((removal) => {
      const waits = `removal (${removal.mode}) on cluster ${removal.cluster} is not confirmed yet`;
      return [
        { type: removal.message ? 'DeletionError' : 'RemovalPending', message: removal.message ? `${waits}: ${removal.message}` : waits },
      ];
    }),
  ];
  if (cluster?.observe) said.push({ type: 'ObserveMode', message: cluster.observe });
  if (rows > MAX_RESOURCES)
    said.push({ type: 'ResourcesTruncated', message: `${rows} objects are known; the first ${MAX_RESOURCES} are listed` });
  return said;
}

function operationOf(input: StatusInput, reports: readonly Report[]): ApplicationStatus['operationState'] {
  const reported = reports.find(({ operation }) => operation)?.operation;
  const wanted = input.requested;
  if (wanted && reported?.id !== wanted.id && !(reported && reported.startedAt > String(wanted.at ?? ''))) {
    const { id: _id, at, ...operation } = wanted;
    return { operation, phase: 'Running', message: 'waits for the agent', startedAt: at };
  }
  if (!reported) return undefined;
  const { revision } = revisionsOf(input);
  const asked = [wanted, input.assignment?.operation].find((operation) => operation?.id === reported.id);
  const {
    id: _id,
    at: _at,
    ...operation
  } = { ...(asked ?? { initiatedBy: { automated: true }, sync: { ...(revision ? { revision } : {}) } }) } as Record<string, unknown>;
  return {
    operation,
    phase: reported.phase,
    ...(reported.message ? { message: reported.message } : {}),
    startedAt: reported.startedAt,
    ...(reported.finishedAt ? { finishedAt: reported.finishedAt } : {}),
    ...(revision ? { syncResult: { revision } } : {}),
  };
}

function toResource({ key, version, sync, health, message, requiresPruning, hook }: ResourceStatus): { kind: string; name: string } {
  const { group, kind, namespace, name } = parseObjectKey(key) ?? { group: '', kind: 'Unknown', namespace: '', name: key };
  return {
    ...(group ? { group } : {}),
    version,
    kind,
    ...(namespace ? { namespace } : {}),
    name,
    status: sync,
    ...(health ? { health: { status: health, ...(message ? { message } : {}) } } : {}),
    ...(requiresPruning ? { requiresPruning } : {}),
    ...(hook ? { hook } : {}),
  } as { kind: string; name: string };
}

/** The history entry of a release that has just been reported in full, unless it is the newest one already. */
export function deployedEntry(
  input: StatusInput,
  now: string,
): { release: string; entry: Record<string, unknown>; keep: number } | undefined {
  const { assignment, document } = input;
  const report = input.reports.find(({ cluster }) => cluster === assignment?.cluster);
  if (!assignment || report?.release !== assignment.label || report.sync !== 'Synced') return undefined;
  if (input.history.at(-1)?.release === assignment.label) return undefined;
  const { revision, revisions } = revisionsOf(input);
  const { initiatedBy } = (assignment.operation ?? {}) as { initiatedBy?: unknown };
  const entry = {
    revision: revision ?? revisions?.[0] ?? '',
    ...(revisions ? { revisions, sources: document.spec.sources } : { source: document.spec.source }),
    deployStartedAt: new Date(assignment.assignedAt).toISOString(),
    deployedAt: now,
    initiatedBy: initiatedBy ?? { automated: true },
  };
  return { release: assignment.label, entry, keep: document.spec.revisionHistoryLimit ?? 10 };
}
