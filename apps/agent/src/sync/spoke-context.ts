import type { DesiredApp } from '@flotilla/contracts';
import type { Clock } from '@flotilla/kernel';
import type { KubeObject, TextDigest } from '@flotilla/kube';
import type { AutoscaledTargets } from '../cluster/autoscaled-targets.js';
import type { ClusterClient } from '../cluster/cluster.client.js';
import { type Observed, observedKey } from '../cluster/observed.js';
import type { ObservedCache } from '../cluster/observed-cache.js';
import type { Log } from '../log.js';
import type { AppRecord } from '../plan/app-record.js';
import type { Correction } from '../plan/contest.js';
import type { ResolvedItem } from '../plan/resolve-items.js';
import type { OperationTrace } from '../trace/operation-trace.js';
import type { Tracing } from '../trace/tracing.js';

/** Everything a sync acts through. */
export interface SpokeContext {
  client: ClusterClient;
  cache: ObservedCache;
  autoscaled: AutoscaledTargets;
  fleet: string;
  clock: Clock;
  log: Log;
  tracing: Tracing;
  digest: TextDigest;
  /** The rendered object or granted Secret, from disk; sealed ones are opened for this call alone. */
  readObject: (item: ResolvedItem) => Promise<KubeObject>;
  /** Runs requests with a bound on how many are under way in the whole agent. */
  limit: <T>(run: () => Promise<T>) => Promise<T>;
  /** Persists the record; resolves when it is durable. */
  saveRecord: (record: AppRecord) => Promise<void>;
}

/** What the agent remembers of an application until it restarts. */
export interface AppMemory {
  /** The bundle the rest of it is about. */
  bundle: string;
  /** Live objects without our label, as asked for by name; null: not there. */
  probes: Map<string, Observed | null>;
  /** Milliseconds since the epoch; older ones are asked again. */
  probedAt: number;
  corrections: Map<string, Correction>;
  /** The last refusal of an object's apply or delete, shown until it succeeds. */
  problems: Map<string, string>;
  /** The spans of the newest operation. */
  trace?: OperationTrace;
}

/** One application under reconciliation. */
export interface AppTask {
  app: DesiredApp;
  record: AppRecord;
  memory: AppMemory;
}

export const newAppMemory = (bundle = ''): AppMemory => ({
  bundle,
  probes: new Map(),
  probedAt: 0,
  corrections: new Map(),
  problems: new Map(),
});

/** The live object as last seen, by watch or by name. */
export function observedIn(context: SpokeContext, memory: AppMemory, version: string, key: string): Observed | undefined {
  return context.cache.get(version, key) ?? memory.probes.get(observedKey(version, key)) ?? undefined;
}

/** Path of an item's live object. */
export function pathOf(context: SpokeContext, item: Pick<ResolvedItem, 'info' | 'namespace' | 'name'>): string {
  return context.client.pathFor(item.info!, item.namespace, item.name);
}
