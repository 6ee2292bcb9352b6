import type { DesiredApp, HealthStatus } from '@flotilla/contracts';
import { aggregateHealth, judgePrune, leftOver, type Owner, ownerOf, type PruneVerdict } from '@flotilla/kube';
import type { Observed } from '../cluster/observed.js';
import type { AppRecord, ObjectRecord } from './app-record.js';
import type { ResolvedBundle, ResolvedItem } from './resolve-items.js';

/**
 * How a desired object stands: `new` was never applied, `changed` differs in Git, `missing` and `drifted` differ in the
 * cluster; `contested` and those after it are not ours to act on now, `waiting` because the value of its grant is not at hand.
 */
export type ObjectState = 'synced' | 'new' | 'changed' | 'missing' | 'drifted' | 'contested' | 'shared' | 'parked' | 'denied' | 'waiting';

export interface PlannedObject {
  item: ResolvedItem;
  state: ObjectState;
  /** Digest of the content to apply; it differs from the item's when an autoscaler owns the replicas. */
  content: string;
  observed?: Observed;
  record?: ObjectRecord;
  message?: string;
}

export interface PlannedPrune {
  key: string;
  record: ObjectRecord;
  observed: Observed | undefined;
  verdict: PruneVerdict;
}

export interface AppPlan {
  objects: PlannedObject[];
  prunes: PlannedPrune[];
  hooks: ResolvedItem[];
}

export interface PlanInput {
  app: DesiredApp;
  record: AppRecord;
  bundle: ResolvedBundle;
  fleet: string;
  /** The live object as last seen; undefined when it is not there. */
  observed: (version: string, key: string) => Observed | undefined;
  isAutoscaled: (key: string) => boolean;
  /** Why this spoke's owner forbids the object; undefined when it is allowed. */
  denial: (item: ResolvedItem) => string | undefined;
  /** Keys that another application of this spoke desires now. */
  isClaimedElsewhere: (key: string) => boolean;
}

/** Health of the application; objects without a rule, or told to be ignored, count for nothing. */
export function healthOfPlan(plan: AppPlan): HealthStatus {
  return aggregateHealth(
    plan.objects.map(({ observed, state }) => {
      if (!observed) return state === 'waiting' ? 'Progressing' : 'Missing';
      return observed.ignoresHealth ? undefined : observed.health?.status;
    }),
  );
}

export const CLAIMED_ELSEWHERE = 'another application desires it now';
export const KEPT_BY_POLICY = 'its creation policy keeps it';

/** Compares what is desired with what is live. Pure: the same input gives the same plan. */
export function planApp(input: PlanInput): AppPlan {
  const { app, record, bundle } = input;
  const context = { app, fleet: input.fleet, deletionApproved: app.deletionApproved === true };
  const prunes = [...leftOver(record.objects, bundle.keys)].map(([key, entry]): PlannedPrune => {
    const observed = input.observed(entry.version, key);
    const reason = input.isClaimedElsewhere(key) ? CLAIMED_ELSEWHERE : entry.grant?.keep ? KEPT_BY_POLICY : undefined;
    const verdict: PruneVerdict = reason ? { prune: false, forget: true, reason } : judgePrune(key, entry, observed?.meta, context);
    return { key, record: entry, observed, verdict };
  });
  return { objects: bundle.items.map((item) => planObject(item, input)), prunes, hooks: bundle.hooks };
}

function planObject(item: ResolvedItem, input: PlanInput): PlannedObject {
  const record = input.record.objects.get(item.key);
  const content = input.isAutoscaled(item.key) ? `${item.digest}:autoscaled` : item.digest;
  const observed = input.observed(item.version, item.key);
  const planned = (state: ObjectState, message?: string): PlannedObject => ({ item, content, observed, record, state, message });
  const denial = input.denial(item);
  if (denial) return planned('denied', denial);
  if (!item.info) return planned('parked', `the cluster does not serve ${item.apiVersion} ${item.kind}`);
  const owner: Owner = observed ? ownerOf(observed.meta, input.app, item, input.fleet) : { kind: 'free' };
  if (owner.kind === 'other') return planned('shared', `it belongs to ${owner.owner}`);
  const { grant } = item;
  if (grant && !grant.isHeld) return planned('waiting', grant.message);
  if (grant?.policy === 'Merge' && !observed)
    return planned('waiting', 'the Secret does not exist, and creationPolicy Merge never makes one');
  if (!record || record.applied === '') return planned('new');
  if (record.applied !== content) return planned('changed');
  if (!observed) return planned('missing');
  if (observed.projection !== record.projection) return planned('drifted');
  if (record.contested) {
    return planned('contested', `${record.contested.manager} and flotilla both write ${record.contested.fields.join(', ')}`);
  }
  return grant?.message ? planned('waiting', grant.message) : planned('synced');
}
