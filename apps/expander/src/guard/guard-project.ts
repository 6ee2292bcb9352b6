import {
  type Application,
  type AppProject,
  CONTROL_NAMESPACE,
  type Condition,
  type ConfirmProjectDeleteRequest,
  IN_USE_FINALIZER,
  isProtected,
  REMOVAL_HOLD_LIMIT,
  type ResourceDocument,
  removalHeld,
} from '@flotilla/contracts';
import { type Clock, ConflictError, jsonEqual, NotFoundError } from '@flotilla/kernel';
import { again, done, type Outcome } from '@flotilla/reconcile';
import type { ResourceKey, ResourceStore, ResourceTransaction } from '@flotilla/resources';

type StoredProject = AppProject & ResourceDocument;

const DELETION_HELD = 'DeletionHeld';
/** A deletion that is held is looked at again so often: applications go without telling their project. */
const HELD_AGAIN_MS = 5_000;

/** Deletions of AppProjects: held while applications use them, so that these never stand without their rules unasked. */
export class GuardProject {
  readonly #store: ResourceStore;
  readonly #clock: Clock;

  constructor(store: ResourceStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Keeps the finalizer on a project, and carries out or holds its deletion. */
  async follow(key: ResourceKey): Promise<Outcome> {
    const seen = await this.#store.get<StoredProject>(key);
    if (!seen || key.namespace !== CONTROL_NAMESPACE || (!seen.metadata.deletionTimestamp && hasFinalizer(seen))) return done;
    return this.#store.transaction({ actor: 'service:expander' }, async (tx) => {
      const project = await tx.getForUpdate<StoredProject>(key);
      if (!project) return done;
      if (!project.metadata.deletionTimestamp) {
        if (!hasFinalizer(project)) await tx.update(withFinalizer(project, true));
        return done;
      }
      return hasFinalizer(project) ? this.#settle(tx, project) : done;
    });
  }

  /** Lets a deletion that is held go on; the applications stay, and are refused until their project is there again. */
  async confirm({ namespace, name, actor }: ConfirmProjectDeleteRequest): Promise<{ message: string }> {
    return this.#store.transaction({ actor }, async (tx) => {
      const project = await tx.getForUpdate<StoredProject>({ kind: 'AppProject', namespace, name });
      if (!project) throw new NotFoundError(`AppProject ${namespace}/${name} does not exist`, { namespace, name });
      if (!project.metadata.deletionTimestamp) {
        throw new ConflictError(`AppProject ${name} is not being deleted; delete it first, then confirm`, { namespace, name });
      }
      await tx.update(withFinalizer(project, false));
      return { message: `the deletion of project ${name} is confirmed` };
    });
  }

  async #settle(tx: ResourceTransaction, project: StoredProject): Promise<Outcome> {
    const { name, labels } = project.metadata;
    const applications = await applicationsOf(tx, name);
    const verb = `flotilla proj confirm-delete ${name}`;
    const held = removalHeld({ kind: 'AppProject', name, applications, isProtected: isProtected(labels), verb });
    if (!held) {
      await tx.update(withFinalizer(project, false));
      return done;
    }
    const status = { ...project.status, conditions: settleCondition(project, { type: DELETION_HELD, ...held }, this.#clock.now()) };
    if (!jsonEqual(status, project.status)) await tx.updateStatus({ ...project, status });
    return again(HELD_AGAIN_MS);
  }
}

async function applicationsOf(tx: ResourceTransaction, project: string): Promise<string[]> {
  const { items } = await tx.list<Application & ResourceDocument>('Application', {
    fields: [{ path: 'spec.project', value: project }],
    limit: REMOVAL_HOLD_LIMIT,
  });
  return items.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`);
}

/** Its time moves only when the condition comes. */
function settleCondition({ status }: StoredProject, condition: Condition, now: number): Condition[] {
  const before = (Array.isArray(status?.conditions) ? status.conditions : []) as Condition[];
  const old = before.find(({ type }) => type === condition.type);
  const lastTransitionTime = old?.lastTransitionTime ?? new Date(now).toISOString();
  return [...before.filter(({ type }) => type !== condition.type), { ...condition, lastTransitionTime }];
}

function withFinalizer(project: StoredProject, isKept: boolean): StoredProject {
  const others = (project.metadata.finalizers ?? []).filter((finalizer) => finalizer !== IN_USE_FINALIZER);
  return { ...project, metadata: { ...project.metadata, finalizers: isKept ? [...others, IN_USE_FINALIZER] : others } };
}

const hasFinalizer = ({ metadata }: StoredProject): boolean => metadata.finalizers?.includes(IN_USE_FINALIZER) === true;
