import type { DesiredApp } from '@flotilla/contracts';
import { InvalidInputError, parseDuration } from '@flotilla/kernel';
import type { AppRecord, OperationRecord } from './app-record.js';
import type { ResolvedItem } from './resolve-items.js';

/** What a reconcile may do to the cluster. */
export interface SyncMode {
  /** Apply what was never applied or has changed in Git. */
  apply: boolean;
  /** Correct what changed in the cluster. */
  heal: boolean;
  prune: boolean;
  dryRun: boolean;
  /** The asked operation this is for, or `auto:<release>`. */
  operationId: string;
  asked: boolean;
  options: readonly string[];
  selects: (item: Pick<ResolvedItem, 'group' | 'kind' | 'namespace' | 'name'>) => boolean;
}

/**
 * An asked operation is carried out once per id; without one the sync policy decides (A:controller/appcontroller.go autoSync):
 * self-heal and prune only where `automated` says so, and nothing at all while the document says `apply: false`.
 */
export function decideMode(app: DesiredApp, record: AppRecord): SyncMode {
  const { operation, syncPolicy } = app;
  const options = syncPolicy?.syncOptions ?? [];
  if (operation && isDue(operation.id, record)) {
    const sync = operation.sync ?? {};
    const chosen = sync.resources ?? [];
    return {
      apply: true,
      heal: true,
      prune: sync.prune ?? false,
      dryRun: sync.dryRun ?? false,
      operationId: operation.id,
      asked: true,
      options: sync.syncOptions ?? options,
      selects: (item) =>
        chosen.length === 0 ||
        chosen.some(
          ({ group = '', kind, name, namespace }) =>
            item.group === group && item.kind === kind && item.name === name && (namespace === undefined || item.namespace === namespace),
        ),
    };
  }
  const automated = syncPolicy?.automated?.enabled === false ? undefined : syncPolicy?.automated;
  return {
    apply: app.apply,
    heal: app.apply && automated?.selfHeal === true,
    prune: app.apply && automated?.prune === true,
    dryRun: false,
    operationId: `auto:${app.release}`,
    asked: false,
    options,
    selects: () => true,
  };
}

function isDue(id: string, record: AppRecord): boolean {
  return record.asked !== id || (record.operation?.id === id && record.operation.phase === 'Running');
}

const HEAL_DELAYS_MS = [0, 2_000, 6_000, 18_000, 54_000, 162_000, 300_000];

/** How long after the last one a further correction of the same object waits: 0, 2, 6, ... 300 s, as Argo CD backs off. */
export function healDelayMs(corrections: number): number {
  return HEAL_DELAYS_MS[Math.min(corrections, HEAL_DELAYS_MS.length - 1)]!;
}

const DEFAULT_LIMIT = 5;

/**
 * When to try a failed sync again, in milliseconds from now; undefined when its attempts are used up. Argo CD's arithmetic: the
 * counter is raised first, so that the first wait of `5s` times 2 is 10 s. Automatic syncs try 5 times by default, asked ones once.
 */
export function retryDelayMs(app: DesiredApp, operation: OperationRecord, asked: boolean): number | undefined {
  const retry = (asked ? app.operation?.retry : undefined) ?? app.syncPolicy?.retry;
  const limit = retry?.limit ?? (asked ? 0 : DEFAULT_LIMIT);
  if (limit >= 0 && operation.failures > limit) return undefined;
  const first = durationOr(retry?.backoff?.duration, 5_000);
  const longest = durationOr(retry?.backoff?.maxDuration, 180_000);
  return Math.min(longest, first * (retry?.backoff?.factor ?? 2) ** operation.failures);
}

function durationOr(text: string | number | undefined, fallbackMs: number): number {
  if (text === undefined) return fallbackMs;
  try {
    return parseDuration(text);
  } catch (error) {
    if (error instanceof InvalidInputError) return fallbackMs;
    throw error;
  }
}
