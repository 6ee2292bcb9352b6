import {
  type ApplicationStepStatus,
  type FleetRollout,
  fleetRolloutSchema,
  MAX_APPLICATION_STEPS,
  type OwnerReference,
  type Release,
  type ResourceDocument,
  type RolloutPhase,
  releaseSchema,
} from '@flotilla/contracts';
import { jsonEqual } from '@flotilla/kernel';
import type { ResourceStore, ResourceTransaction } from '@flotilla/resources';
import type { ReleaseRow, ReleaseStore, Unit } from '../releases/release.store.js';
import { nameSome } from '../rollouts/plan-stages.js';
import type { Target, TargetState } from '../rollouts/rollout.js';
import type { RolloutRow, RolloutStore } from '../rollouts/rollout.store.js';
import { tellApplications } from './tell-applications.js';

const ACTOR = { actor: 'service:orchestrator' };
/** Phases that a run is stopped in, by its failures or by somebody, and those it may be in from then on. */
const STOPS: readonly RolloutPhase[] = ['Paused', 'RollingBack', 'Failed'];
const STOPPED: readonly RolloutPhase[] = [...STOPS, 'RolledBack'];

type Settle = (tx: ResourceTransaction, current: ResourceDocument | undefined) => Promise<Release | FleetRollout | undefined>;

/** Writes the Release and FleetRollout documents: summaries of rows, small whatever the size of the fleet. */
export class WriteSummaries {
  readonly #store: ResourceStore;
  readonly #releases: ReleaseStore;
  readonly #rollouts: RolloutStore;

  constructor(store: ResourceStore, releases: ReleaseStore, rollouts: RolloutStore) {
    this.#store = store;
    this.#releases = releases;
    this.#rollouts = rollouts;
  }

  /** @param key `release:<namespace>/<name>` or `rollout:<namespace>/<name>` */
  async write(key: string): Promise<void> {
    const id = key.slice(key.indexOf(':') + 1);
    if (key.startsWith('release:')) {
      const row = await this.#releases.release(id);
      const unit = row && (await this.#releases.unit(row.unit));
      if (!row || !unit) return;
      const document = toRelease(row, unit, await this.#releases.countMembers(id));
      await this.#save(document, async (tx) => ((await this.#releases.isKept(tx.sql, id)) ? document : undefined));
    } else {
      const row = await this.#rollouts.get(id);
      const unit = row && (await this.#releases.unit(row.unit));
      if (!row || !unit) return;
      const document = toFleetRollout(row, unit, { applications: await this.#applicationsOf(row), failure: await this.#failureOf(row) });
      await this.#save(document, async (tx, current) => {
        const inDocument = current && (current as FleetRollout).spec.paused === true;
        const paused = await this.#rollouts.showPaused(tx.sql, id, { inDocument, ofRun: document.spec.paused === true });
        return paused === undefined ? undefined : { ...document, spec: { ...document.spec, paused } };
      });
    }
  }

  async #applicationsOf({ rollout, release, run }: RolloutRow): Promise<ApplicationStepStatus[] | undefined> {
    if (run.per === 'cluster') return undefined;
    const released = await this.#releases.release(release);
    return tellApplications(await this.#rollouts.steps(rollout, MAX_APPLICATION_STEPS), released?.revisions ?? {});
  }

  /** What its failures have come to outlives the moment: a rollback may be over before anybody has looked. */
  async #failureOf({ rollout, run }: RolloutRow): Promise<string | undefined> {
    if (!STOPPED.includes(run.phase)) return undefined;
    const stop = await this.#rollouts.turn(rollout, STOPS);
    return stop?.actor === ACTOR.actor ? stop.reason : undefined;
  }

  /** `settle` has the last word in the writing transaction; undefined: what is summarised is no longer kept. */
  async #save(document: Release | FleetRollout, settle: Settle): Promise<void> {
    const { kind, metadata } = document;
    const key = { kind, namespace: metadata.namespace ?? '', name: metadata.name };
    await this.#store.transaction(ACTOR, async (tx) => {
      const current = await tx.getForUpdate(key);
      const settled = await settle(tx, current);
      if (!settled) return;
      const { status, ...rest } = settled;
      const base: ResourceDocument = current
        ? await tx.update<ResourceDocument>({ ...rest, metadata: current.metadata })
        : await tx.create<ResourceDocument>(rest);
      if (!jsonEqual(base.status, status)) await tx.updateStatus({ ...base, status });
    });
  }
}

function ownedBy({ kind, name, uid }: Unit): OwnerReference[] {
  return [{ apiVersion: 'argoproj.io/v1alpha1', kind, name, uid }];
}

const ownerOf = ({ kind, namespace, name, uid }: Unit): Release['spec']['owner'] => ({ kind, namespace, name, uid });
const nameOf = (id: string): string => id.slice(id.indexOf('/') + 1);

function toRelease(row: ReleaseRow, unit: Unit, members: number): Release {
  const revisions = Object.entries(row.revisions).map(([key, revision]) => ({ repoURL: key.slice(0, key.indexOf('\n')), revision }));
  return releaseSchema.parse({
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'Release',
    metadata: { name: row.name, namespace: unit.namespace, ownerReferences: ownedBy(unit) },
    spec: { owner: ownerOf(unit), key: row.key, sequence: row.sequence, revisions, members },
    status: { phase: row.state },
  });
}

function toFleetRollout(
  row: RolloutRow,
  unit: Unit,
  { applications, failure }: { applications: ApplicationStepStatus[] | undefined; failure: string | undefined },
): FleetRollout {
  const { run } = row;
  const since = new Date(row.since).toISOString();
  const unplanned = row.plan?.warnings ?? [];
  const warnings = [...(row.warning ? [row.warning] : []), ...unplanned.filter((text) => text !== row.warning)];
  return fleetRolloutSchema.parse({
    apiVersion: 'flotilla.dev/v1alpha1',
    kind: 'FleetRollout',
    metadata: { name: row.name, namespace: row.namespace, ownerReferences: ownedBy(unit) },
    spec: {
      owner: ownerOf(unit),
      release: nameOf(row.release),
      ...(row.previous ? { previousRelease: nameOf(row.previous) } : {}),
      policy: row.policy,
      paused: run.phase === 'Paused',
    },
    status: {
      phase: run.phase,
      stage: run.stages[run.stageIndex]?.name,
      stageIndex: run.stageIndex,
      stages: run.stages.map(({ name }, i) => stageStatus(name, i, row)),
      message: row.message,
      ...(failure === undefined ? {} : { failure }),
      since,
      ...(applications ? { applications } : {}),
      ...(row.plan ? { summary: row.plan.summary } : {}),
      ...(warnings.length > 0 ? { conditions: [{ type: 'Warning', status: 'True', reason: 'Plan', message: nameSome(warnings) }] } : {}),
    },
  });
}

function stageStatus(name: string, index: number, { run }: RolloutRow): NonNullable<NonNullable<FleetRollout['status']>['stages']>[number] {
  const targets = run.targets.filter(({ stageIndex }) => stageIndex === index);
  const count = (...states: TargetState[]): number => targets.filter(({ state }: Target) => states.includes(state)).length;
  const isDone = index < run.stageIndex || run.phase === 'Completed';
  return {
    name,
    phase: isDone ? 'Done' : index === run.stageIndex ? run.phase : 'Pending',
    total: targets.length,
    healthy: count('healthy', 'unchanged'),
    updating: count('updating', 'rollingBack'),
    failed: count('failed'),
    parked: count('parked'),
  };
}
