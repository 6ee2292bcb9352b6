import { type BindRequest, type Cluster, type ClusterVerbReply, positionReplySchema } from '@flotilla/contracts';
import { type Clock, ConflictError, messageOf, NotFoundError, type SpokeId } from '@flotilla/kernel';
import type { MessageBus } from '@flotilla/messaging';
import type { ResourceStore, ResourceTransaction } from '@flotilla/resources';
import { clusterKey, lockCluster, withStatus } from '../clusters/cluster-status.js';
import { applicationsOf, withFinalizer } from '../clusters/settle-removal.js';
import { ClusterTakenError, UndecidedError } from '../registry.errors.js';
import { PgSpokeStore } from '../spokes/spoke.store.pg.js';

export interface BindClusterParts {
  store: ResourceStore;
  bus: MessageBus;
  clock: Clock;
}

/**
 * Makes the agent enrolled as one cluster the agent of another that has none (one that an Argo cluster Secret made).
 * Only while the first was never given anything to run: its objects would be nobody's afterwards.
 */
export async function bindCluster({ store, bus, clock }: BindClusterParts, { from, to, actor }: BindRequest): Promise<ClusterVerbReply> {
  if (from === to) throw new ConflictError(`cluster ${to} cannot be bound to itself`);
  await assertNothingAssigned(bus, from);
  await store.transaction({ actor: actor ?? 'service:registry' }, async (tx) => {
    // Always in the order of names, so that two bindings cannot wait for each other.
    const locked = new Map<string, Cluster | undefined>();
    for (const name of [from, to].sort()) locked.set(name, await lockCluster(tx, name));
    const source = existing(locked.get(from), from);
    const target = existing(locked.get(to), to);
    await assertNoApplications(tx, source);
    const { spokeId, accepted } = source.spec;
    if (spokeId === undefined || source.spec.revoked) throw new NotFoundError(`cluster ${from} has no agent to bind`, { cluster: from });
    if (target.spec.spokeId !== undefined && !target.spec.revoked) {
      throw new ClusterTakenError(`cluster ${to} has an agent; revoke it first`, { cluster: to });
    }
    await new PgSpokeStore(tx.sql).move(spokeId as SpokeId, to);
    const bound = await tx.update<Cluster>({ ...target, spec: { ...target.spec, spokeId, accepted, revoked: undefined } });
    const { phase: _phase, since: _since, conditions: _conditions, ...facts } = source.status ?? {};
    await tx.updateStatus(withStatus(bound, { ...facts, phase: accepted ? 'Unknown' : 'Pending' }, clock.now()));
    const { spokeId: _spoke, ...left } = source.spec;
    await tx.update<Cluster>(withFinalizer({ ...source, spec: left }, false));
    await tx.delete(clusterKey(from));
  });
  return { cluster: to };
}

function existing(cluster: Cluster | undefined, name: string): Cluster {
  if (!cluster) throw new NotFoundError(`cluster ${name} does not exist`, { cluster: name });
  return cluster;
}

/** They would be left without a cluster. */
async function assertNoApplications(tx: ResourceTransaction, cluster: Cluster): Promise<void> {
  const applications = await applicationsOf(tx, cluster);
  if (applications.length === 0) return;
  const { name } = cluster.metadata;
  throw new ConflictError(
    `applications ${applications.join(', ')} go to cluster ${name}, which would be gone; point them elsewhere first`,
    {
      cluster: name,
    },
  );
}

async function assertNothingAssigned(bus: MessageBus, cluster: string): Promise<void> {
  let generation: number | undefined;
  try {
    ({ generation } = await bus.ask('orchestrator', 'position', { cluster }, { reply: positionReplySchema }));
  } catch (cause) {
    throw new UndecidedError(
      `whether cluster ${cluster} runs anything cannot be known now: ${messageOf(cause)}; try again`,
      { cluster },
      cause,
    );
  }
  if (generation !== undefined && generation > 0) {
    throw new ConflictError(`cluster ${cluster} was given applications to run; remove them before its agent is bound elsewhere`, {
      cluster,
    });
  }
}
