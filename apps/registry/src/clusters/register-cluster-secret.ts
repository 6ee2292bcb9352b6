import {
  type Cluster,
  type ClusterSecretValues,
  CONTROL_NAMESPACE,
  clusterNameOf,
  clusterOfSecret,
  isClusterSecret,
  SECRET_ANNOTATION,
  type Secret,
} from '@flotilla/contracts';
import { type Clock, InvalidInputError, jsonEqual } from '@flotilla/kernel';
import type { Keyring } from '@flotilla/keyring';
import { again, done, type Outcome, stalled, WaitingIndex } from '@flotilla/reconcile';
import type { ResourceKey, ResourceStore, ResourceTransaction } from '@flotilla/resources';
import type { Logger } from '@flotilla/telemetry';
import { clusterKey, withCondition, withStatus } from './cluster-status.js';
import { type ClusterHold, DELETION_HELD, HELD_RESYNC_MS, removalHold, settleRemoval } from './settle-removal.js';

export interface RegisterClusterSecretParts {
  store: ResourceStore;
  keyring: Keyring;
  clock: Clock;
  logger: Logger;
}

/** Keeps a Cluster for every Argo CD cluster Secret. A Secret that cannot be read leaves its cluster as it was. */
export class RegisterClusterSecret {
  readonly #parts: RegisterClusterSecretParts;
  /** Secrets whose cluster is held, `namespace/name`, by the applications that are named as its reason. */
  readonly #waiting = new WaitingIndex();

  constructor(parts: RegisterClusterSecretParts) {
    this.#parts = parts;
  }

  /** Takes keys of Secrets, and of Clusters, which stand for the Secret that made them: its removal may have been missed. */
  async reconcile(key: ResourceKey): Promise<Outcome> {
    const secret = key.kind === 'Secret' ? key : await this.#secretOf(key);
    return secret?.namespace === CONTROL_NAMESPACE ? this.#follow(secret) : done;
  }

  /** An application changed or is gone: the clusters that wait for it have another look. Others cost one lookup. */
  async applicationMoved({ namespace, name }: ResourceKey): Promise<void> {
    for (const source of this.#waiting.of(`${namespace}/${name}`)) {
      const [place = '', secret = ''] = source.split('/');
      await this.#follow({ kind: 'Secret', namespace: place, name: secret });
    }
  }

  async #secretOf({ name }: ResourceKey): Promise<ResourceKey | undefined> {
    const cluster = await this.#parts.store.get<Cluster>(clusterKey(name));
    const [namespace, secret] = cluster?.metadata.annotations?.[SECRET_ANNOTATION]?.split('/') ?? [];
    return namespace && secret ? { kind: 'Secret', namespace, name: secret } : undefined;
  }

  async #follow({ namespace, name }: ResourceKey): Promise<Outcome> {
    try {
      const source = `${namespace}/${name}`;
      const look = (): Promise<string[] | undefined> =>
        this.#parts.store.transaction({ actor: 'service:registry' }, async (tx) => {
          const secret = await tx.get<Secret>({ kind: 'Secret', namespace, name });
          if (!secret || !isClusterSecret(secret) || secret.metadata.deletionTimestamp) return this.#release(tx, source);
          await this.#register(tx, secret);
          return undefined;
        });
      return (await this.#waiting.settle(source, look)) ? again(HELD_RESYNC_MS) : done;
    } catch (error) {
      if (error instanceof InvalidInputError) return stalled(error);
      throw error;
    }
  }

  async #register(tx: ResourceTransaction, secret: Secret): Promise<void> {
    const { clock, logger } = this.#parts;
    const values = this.#valuesOf(secret);
    const source = `${secret.metadata.namespace}/${secret.metadata.name}`;
    if (!values.server) throw new InvalidInputError(`cluster Secret ${source} has no data.server`);
    const documentName = await nameFor(tx, secret.metadata.name, source);
    const existing = (await tx.getForUpdate(clusterKey(documentName))) as Cluster | undefined;
    const wanted = clusterOfSecret(secret, values, existing, documentName);
    const cluster = existing ? await tx.update<Cluster>(wanted) : await tx.create<Cluster>(wanted);
    if (!existing && values.hasConfig) logger.warn('dropped the credentials of a cluster secret', { cluster: documentName });
    const peers = await namesakes(tx, clusterNameOf(cluster), documentName);
    const now = clock.now();
    let status = existing?.status?.phase === undefined ? withStatus(cluster, { phase: 'Unknown' }, now) : cluster;
    status = withCondition(status, 'CredentialsDropped', values.hasConfig ? droppedCondition : undefined, now);
    if (!existing?.metadata.deletionTimestamp) status = withCondition(status, DELETION_HELD, undefined, now);
    status = withCondition(status, 'DuplicateName', duplicateCondition(clusterNameOf(cluster), peers), now);
    if (!jsonEqual(status.status, cluster.status)) await tx.updateStatus(status);
    for (const peer of peers) await this.#markDuplicate(tx, peer, clusterNameOf(cluster), documentName);
  }

  async #markDuplicate(tx: ResourceTransaction, peer: Cluster, display: string, other: string): Promise<void> {
    if (peer.status?.conditions?.some(({ type }) => type === 'DuplicateName')) return;
    const condition = duplicateCondition(display, [{ metadata: { name: other } }]);
    await tx.updateStatus(withCondition(peer, 'DuplicateName', condition, this.#parts.clock.now()));
  }

  /**
   * The Secret went: so does its cluster, unless an agent is bound to it, or something holds it; then it comes back with the Secret.
   * @returns the applications that hold it, none where a label does; undefined when nothing does
   */
  async #release(tx: ResourceTransaction, source: string): Promise<string[] | undefined> {
    let held: string[] | undefined;
    const [, name = ''] = source.split('/');
    for (const candidate of candidates(name)) {
      const cluster = (await tx.getForUpdate(clusterKey(candidate))) as Cluster | undefined;
      if (cluster?.metadata.annotations?.[SECRET_ANNOTATION] !== source) continue;
      if (cluster.spec.spokeId === undefined || cluster.spec.revoked) {
        const hold = await this.#remove(tx, cluster);
        if (hold) held = [...(held ?? []), ...hold.applications];
        continue;
      }
      const { [SECRET_ANNOTATION]: _, ...annotations } = cluster.metadata.annotations;
      const kept = await tx.update<Cluster>({ ...cluster, metadata: { ...cluster.metadata, annotations } });
      const freed = withCondition(kept, DELETION_HELD, undefined, this.#parts.clock.now());
      await tx.updateStatus(withCondition(freed, 'CredentialsDropped', undefined, this.#parts.clock.now()));
    }
    return held;
  }

  /** @returns what holds it */
  async #remove(tx: ResourceTransaction, cluster: Cluster): Promise<ClusterHold | undefined> {
    if (cluster.metadata.deletionTimestamp) return undefined;
    const { name } = cluster.metadata;
    const now = this.#parts.clock.now();
    const hold = await removalHold(tx, cluster);
    if (!hold) {
      await tx.delete(clusterKey(name));
      await settleRemoval(tx, name, { now, isConfirmed: true });
      return undefined;
    }
    const marked = withCondition(cluster, DELETION_HELD, hold.condition, now);
    if (!jsonEqual(marked.status, cluster.status)) await tx.updateStatus(marked);
    return hold;
  }

  #valuesOf({ metadata, data = {} }: Secret): ClusterSecretValues {
    const { keyring } = this.#parts;
    const read = (key: string): string | undefined => {
      const sealed = data[key];
      if (sealed === undefined) return undefined;
      const context = { kind: 'Secret', namespace: metadata.namespace ?? '', name: metadata.name, key };
      return Buffer.from(keyring.open(sealed, context)).toString('utf8').trim();
    };
    return { name: read('name'), server: read('server'), project: read('project'), hasConfig: data.config !== undefined };
  }
}

const droppedCondition = {
  status: 'True',
  reason: 'HubNeverDials',
  message: 'config of the cluster Secret is not used: the hub never dials a cluster. Enrol an agent and bind it: flotilla cluster bind',
} as const;

function duplicateCondition(name: string, peers: readonly { metadata: { name: string } }[]) {
  if (peers.length === 0) return undefined;
  const others = peers.map(({ metadata }) => metadata.name).join(', ');
  const message = `${others} has the name ${name} too: destination.name ${name} is refused as ambiguous; use destination.server`;
  return { status: 'True', reason: 'AmbiguousName', message } as const;
}

/** A cluster that was not made by this Secret keeps its name. */
const candidates = (name: string): string[] => [name, `secret-${name}`];

async function nameFor(tx: ResourceTransaction, name: string, source: string): Promise<string> {
  const [own, other] = candidates(name) as [string, string];
  const existing = await tx.get<Cluster>(clusterKey(own));
  return !existing || existing.metadata.annotations?.[SECRET_ANNOTATION] === source ? own : other;
}

/** Other clusters people know by this name; more than a few are not told one by one. */
async function namesakes(tx: ResourceTransaction, display: string, self: string): Promise<Cluster[]> {
  const { items } = await tx.list<Cluster>('Cluster', { fields: [{ path: 'spec.name', value: display }], limit: 5 });
  const named = await tx.get<Cluster>(clusterKey(display));
  const all = named && clusterNameOf(named) === display ? [...items, named] : items;
  return all.filter(({ metadata }) => metadata.name !== self);
}
