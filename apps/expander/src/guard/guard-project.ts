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
import { again, done, type Outcome, WaitingIndex } from '@flotilla/reconcile';
import type { ResourceKey, ResourceStore, ResourceTransaction } from '@flotilla/resources';

type StoredProject = AppProject & ResourceDocument;

const DELETION_HELD = 'DeletionHeld';
/** What a deletion waits for wakes it; this is for what a broken watch did not tell. */
const HELD_RESYNC_MS = 2 * 60_000;

/** Deletions of AppProjects: held while applications use them, so that these never stand without their rules unasked. */
export class GuardProject {
  readonly #store: ResourceStore;
  readonly #clock: Clock;
  /** Projects whose deletion is held, by the applications that are named as its reason. */
  readonly #waiting = new WaitingIndex();

  constructor(store: ResourceStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** Keeps the finalizer on a project, and carries out or holds its deletion. */
  async follow(key: ResourceKey): Promise<Outcome> {
    const isHeld = await this.#waiting.settle(key.name, () => this.#look(key));
    return isHeld ? again(HELD_RESYNC_MS) : done;
  }

  /** An application changed or is gone: the deletions that wait for it have another look. Others cost one lookup. */
  async applicationMoved({ namespace, name }: Pick<ResourceKey, 'namespace' | 'name'>): Promise<void> {
    for (const project of this.#waiting.of(`${namespace}/${name}`)) {
      await this.follow({ kind: 'AppProject', namespace: CONTROL_NAMESPACE, name: project });
    }
  }

  /** @returns the applications that hold the deletion, none where a label does; undefined when nothing is held */
  async #look(key: ResourceKey): Promise<string[] | undefined> {
    const seen = await this.#store.get<StoredProject>(key);
    if (!seen || key.namespace !== CONTROL_NAMESPACE || (!seen.metadata.deletionTimestamp && hasFinalizer(seen))) return undefined;
    return this.#store.transaction({ actor: 'service:expander' }, async (tx) => {
      const project = await tx.getForUpdate<StoredProject>(key);
      if (!project) return undefined;
      if (project.metadata.deletionTimestamp) return hasFinalizer(project) ? this.#settle(tx, project) : undefined;
      if (!hasFinalizer(project)) await tx.update(withFinalizer(project, true));
      return undefined;
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

  async #settle(tx: ResourceTransaction, project: StoredProject): Promise<string[] | undefined> {
    const { name, labels } = project.metadata;
    const applications = await applicationsOf(tx, name);
    const verb = `flotilla proj confirm-delete ${name}`;
    const held = removalHeld({ kind: 'AppProject', name, applications, isProtected: isProtected(labels), verb });
    if (!held) {
      await tx.update(withFinalizer(project, false));
      return undefined;
    }
    const status = { ...project.status, conditions: settleCondition(project, { type: DELETION_HELD, ...held }, this.#clock.now()) };
    if (!jsonEqual(status, project.status)) await tx.updateStatus({ ...project, status });
    return applications;
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
