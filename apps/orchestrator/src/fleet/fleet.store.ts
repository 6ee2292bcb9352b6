import type { Application } from '@flotilla/contracts';
import type { SpokeId } from '@flotilla/kernel';
import type { KnownCluster } from './resolve-destination.js';

/** A cluster as the registry's document has it. */
export interface FleetCluster extends KnownCluster {
  spokeId?: SpokeId;
  phase: string;
  since?: string;
  session: number;
  sealingKey?: string;
  /** resourceVersion of the document. */
  rv: string;
}

export interface RequestedOperation {
  id: string;
  operation: NonNullable<Application['operation']>;
}

/** An application as its document has it. */
export interface FleetApplication {
  uid: string;
  namespace: string;
  name: string;
  /** `set:<uid>` of its ApplicationSet, else `app:<uid>`. */
  unit: string;
  document: Application;
  hasPruneFinalizer: boolean;
  deletionApproved: boolean;
  /** Raised by the resource store; an older reading never overwrites a newer one. */
  rv: string;
  /** Milliseconds; kept from the first time it was saved. */
  firstSeen: number;
}

export interface HubCondition {
  type: string;
  message: string;
  lastTransitionTime?: string;
}

/** The newest known commit of a repository's ref, and why a newer one cannot be asked for now. */
export type GitSourceRow = {
  repoURL: string;
  ref: string;
  revision: string;
  traceparent?: string;
  fault?: string;
};

/** Projections of Cluster and Application documents, and what is due because they changed. */
export abstract class FleetStore {
  abstract clusters(): Promise<FleetCluster[]>;
  abstract clusterOfSpoke(spoke: SpokeId): Promise<FleetCluster | undefined>;
  /** Applications and rollouts that a change of place, agent or liveness touches become due. */
  abstract saveCluster(cluster: FleetCluster, now: number): Promise<void>;
  /** The cluster was deleted by a person: nothing of it can be confirmed any more. */
  abstract forgetCluster(cluster: string, now: number): Promise<void>;

  abstract applications(unit: string): Promise<FleetApplication[]>;
  abstract application(namespace: string, name: string): Promise<FleetApplication | undefined>;
  abstract applicationByUid(uid: string): Promise<FleetApplication | undefined>;
  /** Its unit becomes due when anything a release depends on changed; so does its cluster for a deletion approval. */
  abstract saveApplication(
    application: FleetApplication,
    unit: { kind: string; namespace: string; name: string; uid: string },
    now: number,
  ): Promise<void>;
  /** Uids of rows under this name, but for `except`. */
  abstract othersNamed(namespace: string, name: string, except: string | undefined): Promise<string[]>;
  /** Turns the assignment of an application into a removal. True when nothing is left to confirm. */
  abstract beginRemoval(uid: string, mode: 'prune' | 'orphan', now: number): Promise<boolean>;
  abstract forgetApplication(uid: string, now: number): Promise<void>;
  /** Replaces the hub's own conditions of applications; those not named keep theirs. */
  abstract saveConditions(conditions: ReadonlyMap<string, readonly HubCondition[]>, at: string): Promise<void>;
  abstract request(uid: string, requested: RequestedOperation, now: number): Promise<void>;

  abstract saveGitSource(name: string, source: GitSourceRow, rv: string, now: number): Promise<void>;
  abstract forgetGitSource(name: string): Promise<void>;
  abstract revisions(refs: readonly { repoURL: string; ref: string }[]): Promise<GitSourceRow[]>;
  /** Units of a project, or that name a rollout policy, become due. */
  abstract touchUnits(by: { project?: string; policy?: string }, now: number): Promise<void>;
  /** The unit becomes due when its set's policy or strategy is another one; `strategy` is any text that tells them apart. */
  abstract touchSet(uid: string, rules: { policy?: string; strategy?: string }, now: number): Promise<void>;
  /** What a set of this name that is gone left behind becomes due. */
  abstract touchHistory(namespace: string, name: string, now: number): Promise<void>;
}
