import type { Cluster, ClusterVerbReply, ClusterVerbRequest, ResourceDocument } from '@flotilla/contracts';
import { type Clock, ConflictError, NotFoundError, type SpokeId } from '@flotilla/kernel';
import { again, done, type Outcome, WaitingIndex } from '@flotilla/reconcile';
import type { ResourceKey, ResourceStore, ResourceTransaction } from '@flotilla/resources';
import type { Logger } from '@flotilla/telemetry';
import { clusterKey, lockCluster, withCondition, withStatus } from '../clusters/cluster-status.js';
import { DELETION_HELD, HELD_RESYNC_MS, hasFinalizer, settleRemoval, withFinalizer } from '../clusters/settle-removal.js';
import { ClusterTakenError } from '../registry.errors.js';
import { PgSpokeStore } from '../spokes/spoke.store.pg.js';
import type { SpokeCredentials } from '../spokes/spoke-credentials.js';

export interface ChangeClusterParts {
  store: ResourceStore;
  credentials: SpokeCredentials;
  /** Pushes the revocations in force to the NATS servers. */
  push: () => Promise<void>;
  clock: Clock;
  logger: Logger;
}

/** What people decide about an enrolled agent, and about its cluster. */
export class ChangeCluster {
  readonly #parts: ChangeClusterParts;
  /** Clusters whose deletion is held, by the applications that are named as its reason. */
  readonly #waiting = new WaitingIndex();

  constructor(parts: ChangeClusterParts) {
    this.#parts = parts;
  }

  /** Lets a waiting agent in, or a quarantined one back. */
  async accept({ cluster: name, actor }: ClusterVerbRequest): Promise<ClusterVerbReply> {
    await this.#change(name, actor, async (tx, cluster) => {
      const spokeId = spokeOf(cluster);
      if (cluster.spec.revoked) throw new ClusterTakenError(`the agent of cluster ${name} was revoked; it has to enrol again`);
      await new PgSpokeStore(tx.sql).accept(spokeId);
      const accepted = await tx.update<Cluster>({ ...cluster, spec: { ...cluster.spec, accepted: true } });
      const status = withStatus(accepted, { phase: 'Unknown' }, this.#parts.clock.now());
      await tx.updateStatus(withCondition(status, 'Quarantined', undefined, this.#parts.clock.now()));
    });
    return { cluster: name };
  }

  /** Ends an agent's identity and cuts its live connection. */
  async revoke({ cluster: name, actor }: ClusterVerbRequest): Promise<ClusterVerbReply> {
    await this.#change(name, actor, async (tx, cluster) => {
      spokeOf(cluster);
      await this.#revoke(tx, cluster);
      const revoked = await tx.update<Cluster>({ ...cluster, spec: { ...cluster.spec, revoked: true } });
      await tx.updateStatus(withStatus(revoked, { phase: 'Revoked' }, this.#parts.clock.now()));
    });
    return { cluster: name, isCut: await this.#cut() };
  }

  /**
   * Takes the cluster out of the fleet: held while applications go to it or its label protects it. Its objects stay, and its agent
   * is revoked when it is gone.
   */
  async remove({ cluster: name, actor }: ClusterVerbRequest): Promise<ClusterVerbReply> {
    let isGone = false;
    await this.#change(name, actor, async (tx, cluster) => {
      if (!hasFinalizer(cluster) && !cluster.metadata.deletionTimestamp) await tx.update(withFinalizer(cluster, true));
      await tx.delete(clusterKey(name));
      ({ isGone } = await settleRemoval(tx, name, { now: this.#parts.clock.now() }));
    });
    return isGone ? this.#leave(name) : { cluster: name, isHeld: true };
  }

  /** Lets a deletion that is held go on; the applications stay as they are. @throws ConflictError when nothing is held */
  async confirmDelete({ cluster: name, actor }: ClusterVerbRequest): Promise<ClusterVerbReply> {
    await this.#change(name, actor, async (tx, { metadata, status }) => {
      const isHeld = metadata.deletionTimestamp !== undefined || status?.conditions?.some(({ type }) => type === DELETION_HELD);
      if (!isHeld) throw new ConflictError(`cluster ${name} is not being deleted; delete it first, then confirm`, { cluster: name });
      if (!metadata.deletionTimestamp) await tx.delete(clusterKey(name));
      await settleRemoval(tx, name, { now: this.#parts.clock.now(), isConfirmed: true });
    });
    return this.#leave(name);
  }

  /** Follows the document of a cluster: keeps its finalizer there, and carries out or holds its deletion. */
  async follow(name: string): Promise<Outcome> {
    const isHeld = await this.#waiting.settle(name, () => this.#look(name));
    if (isHeld) return again(HELD_RESYNC_MS);
    return (await this.#parts.store.get(clusterKey(name))) ? done : this.revokeIfGone(name);
  }

  /** An application changed or is gone: the deletions that wait for it have another look. Others cost one lookup. */
  async applicationMoved({ namespace, name }: ResourceKey): Promise<Outcome> {
    for (const cluster of this.#waiting.of(`${namespace}/${name}`)) await this.follow(cluster);
    return done;
  }

  /** @returns the applications that hold its deletion, none where a label does; undefined when nothing is held */
  async #look(name: string): Promise<string[] | undefined> {
    const { store, clock } = this.#parts;
    const seen = await store.get<Cluster & ResourceDocument>(clusterKey(name));
    if (!seen || (seen.metadata.deletionTimestamp === undefined && hasFinalizer(seen))) return undefined;
    return store.transaction({ actor: 'service:registry' }, async (tx) => {
      const cluster = await lockCluster(tx, name);
      if (!cluster) return undefined;
      if (!cluster.metadata.deletionTimestamp) {
        if (!hasFinalizer(cluster)) await tx.update(withFinalizer(cluster, true));
        return undefined;
      }
      return hasFinalizer(cluster) ? (await settleRemoval(tx, name, { now: clock.now() })).hold?.applications : undefined;
    });
  }

  async #leave(cluster: string): Promise<ClusterVerbReply> {
    return (await this.#revokeGone(cluster)) ? { cluster, isCut: await this.#cut() } : { cluster };
  }

  /** Whoever deletes the document of a cluster takes its agent's identity too. */
  async revokeIfGone(name: string): Promise<Outcome> {
    if (await this.#revokeGone(name)) await this.#cut();
    return done;
  }

  async #revokeGone(name: string): Promise<boolean> {
    const { store, credentials, clock } = this.#parts;
    return store.transaction({ actor: 'service:registry' }, async (tx) => {
      const spokes = new PgSpokeStore(tx.sql);
      // Spokes before the document: one enrolled meanwhile is not seen without the document that came with it.
      const live = await spokes.liveOf(name);
      if (live.length === 0 || (await tx.get(clusterKey(name)))) return false;
      for (const spoke of live) await spokes.revoke(spoke, clock.now(), credentials.revokedUntilSeconds());
      return true;
    });
  }

  async #change(
    name: string,
    actor: string | undefined,
    change: (tx: ResourceTransaction, cluster: Cluster) => Promise<void>,
  ): Promise<void> {
    await this.#parts.store.transaction({ actor: actor ?? 'service:registry' }, async (tx) => {
      const cluster = await lockCluster(tx, name);
      if (!cluster) throw new NotFoundError(`cluster ${name} does not exist`, { cluster: name });
      await change(tx, cluster);
    });
  }

  async #revoke(tx: ResourceTransaction, cluster: Cluster): Promise<void> {
    const spokes = new PgSpokeStore(tx.sql);
    const spoke = cluster.spec.spokeId === undefined ? undefined : await spokes.getForUpdate(cluster.spec.spokeId as SpokeId);
    const { credentials, clock } = this.#parts;
    if (spoke) await spokes.revoke(spoke, clock.now(), credentials.revokedUntilSeconds());
  }

  /** The revocation is committed whatever happens here; a timer pushes again what no server took. */
  async #cut(): Promise<boolean> {
    try {
      await this.#parts.push();
      return true;
    } catch (error) {
      this.#parts.logger.warn('a revocation is not yet in force', { error });
      return false;
    }
  }
}

function spokeOf(cluster: Cluster): SpokeId {
  const { spokeId } = cluster.spec;
  if (spokeId === undefined) throw new NotFoundError(`cluster ${cluster.metadata.name} has no agent`, { cluster: cluster.metadata.name });
  return spokeId as SpokeId;
}
