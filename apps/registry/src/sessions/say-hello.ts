import { type Cluster, eventSubject, type HelloReply, type HelloRequest, type Position, positionReplySchema } from '@flotilla/contracts';
import { type Clock, messageOf, type RandomBytes, type SpokeId } from '@flotilla/kernel';
import type { MessageBus, SpokeMessage } from '@flotilla/messaging';
import type { ResourceStore, ResourceTransaction } from '@flotilla/resources';
import type { Logger } from '@flotilla/telemetry';
import { lockCluster, withCondition, withStatus } from '../clusters/cluster-status.js';
import type { RegistryConfig } from '../registry.config.js';
import type { Spoke } from '../spokes/spoke.js';
import { PgSpokeStore } from '../spokes/spoke.store.pg.js';
import { checkClaim } from './check-claim.js';
import { decideHello, type HelloDecision } from './decide-hello.js';
import type { Sightings } from './sightings.js';

/** Said after a session began, so that every copy of the registry counts the spoke as seen. */
export const SPOKE_CONNECTED = eventSubject('spoke', 'connected');

const POSITION_TIMEOUT_MS = 1_000;
/** After a failure nobody is asked for this long: a fleet that comes back must not wait a second per spoke. */
const POSITION_PAUSE_MS = 2_000;
/** Facts beyond this are cut: one cluster cannot make every list of clusters slow. */
const MAX_API_VERSIONS = 2_000;

export interface SayHelloParts {
  store: ResourceStore;
  bus: MessageBus;
  config: RegistryConfig;
  sightings: Sightings;
  signingKey: string;
  clock: Clock;
  random: RandomBytes;
  logger: Logger;
}

/** Begins a session: checks the spoke's standing, numbers the session, writes what the spoke says of its cluster. */
export class SayHello {
  readonly #parts: SayHelloParts;
  #askAgainAt = 0;

  constructor(parts: SayHelloParts) {
    this.#parts = parts;
  }

  async run({ spoke: spokeId, content: hello }: SpokeMessage<HelloRequest>): Promise<HelloReply> {
    const { store, bus, config, sightings, clock, logger } = this.#parts;
    const position = await this.#position(spokeId, hello.held);
    const outcome = await store.transaction({ actor: 'service:registry' }, (tx) => this.#begin(tx, spokeId, hello, position));
    if ('error' in outcome) {
      logger.info('a hello was refused', { spoke: spokeId, code: outcome.error.code });
      return outcome;
    }
    const now = clock.now();
    sightings.begin(spokeId, outcome.session, now);
    bus.emit(SPOKE_CONNECTED, { spoke: spokeId, session: outcome.session });
    return {
      ...outcome,
      fleet: config.fleet,
      current: isPosition(position) ? position : undefined,
      beatIntervalMs: config.beatIntervalMs,
      leaseMs: config.leaseMs,
      snapshotDelayMs: this.#spread(config.snapshotDelayMs),
      hubTime: now,
    };
  }

  /** Undefined when the orchestrator does not say in time: a spoke must be able to connect without it. */
  async #position(spokeId: SpokeId, held: HelloRequest['held']): Promise<Partial<Position> | undefined> {
    const { store, bus, logger, clock } = this.#parts;
    if (clock.now() < this.#askAgainAt) return undefined;
    const cluster = await store.transaction(
      { actor: 'service:registry' },
      async (tx) => (await new PgSpokeStore(tx.sql).get(spokeId))?.cluster,
    );
    if (cluster === undefined) return undefined;
    try {
      return await bus.ask('orchestrator', 'position', { cluster, held }, { timeoutMs: POSITION_TIMEOUT_MS, reply: positionReplySchema });
    } catch (error) {
      this.#askAgainAt = clock.now() + POSITION_PAUSE_MS;
      logger.info('went on with a hello without the position', { cluster, reason: messageOf(error) });
      return undefined;
    }
  }

  async #begin(
    tx: ResourceTransaction,
    spokeId: SpokeId,
    hello: HelloRequest,
    current: Partial<Position> | undefined,
  ): Promise<{ session: number; cluster: string } | Extract<HelloReply, { error: unknown }>> {
    const { config, signingKey, clock, sightings } = this.#parts;
    const spokes = new PgSpokeStore(tx.sql);
    const spoke = await spokes.getForUpdate(spokeId);
    const now = clock.now();
    const seen = sightings.of(spokeId);
    const decision = decideHello({
      spoke,
      instanceId: hello.instanceId,
      attempt: hello.attempt,
      clusterUid: hello.clusterUid,
      sessions: await spokes.sessions(spokeId),
      isPresentBeating: seen !== undefined && seen.session === spoke?.session && seen.at > now - config.leaseMs,
      claim: checkClaim({ held: hello.held, current, spokeId, fleet: config.fleet, signingKey }),
      now,
    });
    if (!spoke || !('admit' in decision)) return this.#refuse(tx, spoke, decision, now);
    const { instanceId, attempt, clusterUid } = hello;
    const { isReturn } = decision.admit;
    const session = await spokes.startSession(spokeId, { instanceId, clusterUid, attempt, startedAt: now, isReturn });
    const cluster = await lockCluster(tx, spoke.cluster);
    if (cluster?.spec.spokeId === spokeId) {
      await tx.updateStatus(withStatus(cluster, { ...factsOf(hello), session, lastSeenAt: new Date(now).toISOString() }, now));
    }
    return { session, cluster: spoke.cluster };
  }

  async #refuse(
    tx: ResourceTransaction,
    spoke: Spoke | undefined,
    decision: Exclude<HelloDecision, { admit: unknown }> | HelloDecision,
    now: number,
  ): Promise<Extract<HelloReply, { error: unknown }>> {
    if ('refuse' in decision) return { error: decision.refuse };
    const reason = 'quarantine' in decision ? decision.quarantine : 'no such spoke';
    if (spoke) {
      await new PgSpokeStore(tx.sql).quarantine(spoke.spokeId, reason);
      const cluster = await lockCluster(tx, spoke.cluster);
      if (cluster?.spec.spokeId === spoke.spokeId) await tx.updateStatus(quarantined(cluster, reason, now));
    }
    return { error: { code: 'quarantined', message: reason } };
  }

  /** Each agent gets its own moment within the span. */
  #spread(spanMs: number): number {
    const [high = 0, low = 0] = this.#parts.random(2);
    return Math.floor((spanMs * (high * 256 + low)) / 65_536);
  }
}

function quarantined(cluster: Cluster, reason: string, now: number): Cluster {
  const status = withStatus(cluster, { phase: 'Quarantined' }, now);
  return withCondition(status, 'Quarantined', { status: 'True', reason: 'IdentityInDoubt', message: reason }, now);
}

function factsOf({ agentVersion, clusterUid, kubernetesVersion, apiVersions, clusterKinds }: HelloRequest) {
  // Cut off, a kind without namespaces would pass for one with them: too many to keep is the same as not known.
  const isWhole = clusterKinds !== undefined && clusterKinds.length <= MAX_API_VERSIONS;
  return {
    agentVersion,
    clusterUid,
    kubernetesVersion,
    apiVersions: apiVersions.slice(0, MAX_API_VERSIONS),
    clusterKinds: isWhole ? clusterKinds : undefined,
  };
}

function isPosition(position: Partial<Position> | undefined): position is Position {
  return position?.epoch !== undefined && position.generation !== undefined;
}
