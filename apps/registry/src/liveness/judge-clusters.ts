import type { Cluster } from '@flotilla/contracts';
import type { Clock, SpokeId } from '@flotilla/kernel';
import type { DocumentCache, ResourceStore } from '@flotilla/resources';
import { type Logger, meter } from '@flotilla/telemetry';
import { type ClusterPhase, lockCluster, withStatus } from '../clusters/cluster-status.js';
import type { Sightings } from '../sessions/sightings.js';
import { decideLiveness, type LivenessVerdict } from './decide-liveness.js';

/** Verdicts written per round; the rest come next time. A cut of the whole fleet must not hold the database for long. */
const MAX_VERDICTS_PER_ROUND = 500;
const WRITERS = 8;

export interface JudgeClustersParts {
  store: ResourceStore;
  clusters: DocumentCache<Cluster>;
  sightings: Sightings;
  leaseMs: number;
  clock: Clock;
  logger: Logger;
}

/** Writes Unknown and back: called as a singleton, every copy listens. */
export class JudgeClusters {
  readonly #parts: JudgeClustersParts;
  readonly #listeningSince: number;

  constructor(parts: JudgeClustersParts) {
    this.#parts = parts;
    this.#listeningSince = parts.clock.now();
    meter()
      .createObservableGauge('flotilla_clusters', { description: 'Clusters by phase' })
      .addCallback((result) => {
        const counts = new Map<string, number>();
        for (const { status } of parts.clusters.list()) {
          const phase = status?.phase ?? 'Unknown';
          counts.set(phase, (counts.get(phase) ?? 0) + 1);
        }
        for (const [phase, count] of counts) result.observe(count, { phase });
      });
  }

  async run(): Promise<void> {
    const { clusters, sightings } = this.#parts;
    await clusters.ready;
    const all = clusters.list();
    sightings.keepOnly(new Set(all.flatMap(({ spec }) => (spec.spokeId === undefined ? [] : [spec.spokeId as SpokeId]))));
    const due = all.filter((cluster) => this.#verdictOn(cluster)).slice(0, MAX_VERDICTS_PER_ROUND);
    const work = due.values();
    await Promise.all(Array.from({ length: WRITERS }, () => this.#writeAll(work)));
  }

  async #writeAll(work: Iterator<Cluster>): Promise<void> {
    for (let next = work.next(); !next.done; next = work.next()) {
      const { name } = next.value.metadata;
      try {
        await this.#write(name);
      } catch (error) {
        this.#parts.logger.warn('cannot write the liveness of a cluster', { cluster: name, error });
      }
    }
  }

  /** Decides again on the stored cluster: the cache may be behind. */
  async #write(name: string): Promise<void> {
    const { store, sightings, logger } = this.#parts;
    await store.transaction({ actor: 'service:registry' }, async (tx) => {
      const cluster = await lockCluster(tx, name);
      const verdict = cluster && this.#verdictOn(cluster);
      if (!cluster || !verdict) return;
      const heard = cluster.spec.spokeId === undefined ? undefined : sightings.of(cluster.spec.spokeId as SpokeId);
      const lastSeenAt = heard ? new Date(heard.at).toISOString() : cluster.status?.lastSeenAt;
      await tx.updateStatus(withStatus(cluster, { phase: verdict.phase, lastSeenAt }, verdict.since));
      logger.info('liveness of a cluster changed', { cluster: name, status: verdict.phase });
    });
  }

  #verdictOn({ spec, status }: Cluster): LivenessVerdict {
    const { sightings, leaseMs, clock } = this.#parts;
    const heard = spec.spokeId === undefined ? undefined : sightings.of(spec.spokeId as SpokeId);
    return decideLiveness({
      phase: status?.phase as ClusterPhase | undefined,
      hasSpoke: spec.spokeId !== undefined,
      accepted: spec.accepted === true,
      revoked: spec.revoked === true,
      lastHeardAt: heard && (status?.session === undefined || heard.session >= status.session) ? heard.at : undefined,
      lastRecordedAt: status?.lastSeenAt === undefined ? undefined : Date.parse(status.lastSeenAt),
      listeningSince: this.#listeningSince,
      leaseMs,
      now: clock.now(),
    });
  }
}
