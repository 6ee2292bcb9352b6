import {
  type ApplicationSet,
  GENERATED_FROM_ANNOTATION,
  isProtected,
  type OwnerReference,
  type ResourceDocument,
} from '@flotilla/contracts';
import { documentOf, type Expansion, type GeneratedApplication } from '@flotilla/generators';
import { DEFAULT_GUARD, type DeletionDecision, decideDeletions, type GuardSettings } from '@flotilla/policy';
import { generatedFrom } from './generated-from.js';
import { controllerOf, mergeApplication, ownerReferenceTo } from './merge-application.js';
import { type PendingDeletion, scheduleDeletions } from './schedule-deletions.js';

/** An application that is not written this time, and why. */
export interface Refusal {
  name: string;
  message: string;
}

/** Everything one reconcile does to applications; each list is sorted by name. */
export interface ApplicationPlan {
  create: ResourceDocument[];
  update: ResourceDocument[];
  delete: string[];
  /** Deletions that wait for a person, and the rule that holds them. */
  hold: string[];
  holdRule?: string;
  /** Deletions that wait for the end of the restore window. */
  pending: PendingDeletion[];
  /** Documents whose mark of a pending deletion is set or taken off; nothing else of them changes. */
  mark: ResourceDocument[];
  refused: Refusal[];
  /** Names being deleted that will be created again. */
  waiting: string[];
  /** Applications the set has once the plan is carried out. */
  count: number;
}

/** What the guard is told; without it the built-in settings hold, and the label on the application protects. */
export interface GuardInput {
  settings?: GuardSettings;
  isProtected?(document: ResourceDocument): boolean;
  /** Milliseconds since the epoch; needed for a restore window. */
  now?: number;
}

export interface PlanInput {
  set: ApplicationSet;
  expansion: Expansion;
  /** Every application of the set's namespace that the set owns or whose name it generates. */
  existing: ReadonlyMap<string, ResourceDocument>;
  released: readonly string[];
  guard?: GuardInput;
  /** Why a document may not be written; undefined when it may. */
  refuse(document: ResourceDocument, previous: ResourceDocument | undefined): string | undefined;
  /** Whether the last plan already found this generated application equal to the stored one. */
  isKnownEqual?(generated: GeneratedApplication, stored: ResourceDocument): boolean;
}

/** Pure: decides, writes nothing. */
export function planApplications(input: PlanInput): ApplicationPlan {
  const { set, expansion, existing } = input;
  const plan: ApplicationPlan = {
    create: [],
    update: [],
    delete: [],
    hold: [],
    pending: [],
    mark: [],
    refused: [],
    waiting: [],
    count: 0,
  };
  for (const { name, message } of expansion.held) plan.refused.push({ name, message });
  for (const generated of expansion.applications) planOne(generated, existing.get(generated.name), input, plan);
  const removal = planRemoval(input, stillWanted(input));
  plan.delete = removal.delete;
  plan.hold = removal.hold;
  if (removal.rule) plan.holdRule = removal.rule;
  plan.pending = removal.pending;
  const updated = new Set(plan.update.map(({ metadata }) => metadata.name));
  plan.mark = removal.mark.filter(({ metadata }) => !updated.has(metadata.name));
  const mine = ownedNames(existing, set).length;
  plan.count = mine + plan.create.length + adopted(plan.update, existing, set) - plan.delete.length;
  plan.refused.sort((a, b) => (a.name < b.name ? -1 : 1));
  return plan;
}

function planOne(generated: GeneratedApplication, stored: ResourceDocument | undefined, input: PlanInput, plan: ApplicationPlan): void {
  const { set } = input;
  const policy = set.spec.syncPolicy?.applicationsSync ?? 'sync';
  const { name } = generated;
  if (!stored) {
    const document = wantedOf(generated);
    document.metadata.ownerReferences = [ownerReferenceTo(set)];
    const message = input.refuse(document, undefined);
    if (message) plan.refused.push({ name, message });
    else plan.create.push(document);
    return;
  }
  const owner = controllerOf(stored);
  if (owner && isForeign(owner, set)) {
    plan.refused.push({ name, message: `Application ${name} is already owned by ${owner.kind} ${owner.name}` });
  } else if (stored.metadata.deletionTimestamp) {
    plan.waiting.push(name);
  } else if (policy !== 'create-only' && policy !== 'create-delete' && !input.isKnownEqual?.(generated, stored)) {
    const merged = mergeApplication(wantedOf(generated), stored, set);
    const message = merged && input.refuse(merged, stored);
    if (message) plan.refused.push({ name, message });
    else if (merged) plan.update.push(merged);
  }
}

/** A set of the same name and another uid no longer exists: what it left behind is taken over. */
function isForeign(owner: OwnerReference, { kind, metadata }: ApplicationSet): boolean {
  return owner.uid !== metadata.uid && !(owner.kind === kind && owner.name === metadata.name);
}

/** The generated document, which remembers where it came from. */
function wantedOf(generated: GeneratedApplication): ResourceDocument {
  const document = documentOf(generated);
  const annotations = { ...document.metadata.annotations, [GENERATED_FROM_ANNOTATION]: generatedFrom(generated.origins) };
  return { ...document, metadata: { ...document.metadata, annotations } };
}

/** Held and refused names count as generated: what cannot be written is no reason to delete. */
function stillWanted({ set, expansion, existing }: PlanInput): string[] {
  const policy = set.spec.syncPolicy?.applicationsSync ?? 'sync';
  if (policy === 'create-only' || policy === 'create-update') return ownedNames(existing, set);
  return [...expansion.applications, ...expansion.held].map(({ name }) => name);
}

/** What becomes of the applications of a set but for those it still stands for; with none wanted, of a set that is deleted. */
export function planRemoval(
  { set, existing, released, guard = {} }: Pick<PlanInput, 'set' | 'existing' | 'released' | 'guard'>,
  wanted: readonly string[],
): DeletionDecision & Pick<ApplicationPlan, 'pending' | 'mark'> {
  const { settings = DEFAULT_GUARD, now = 0 } = guard;
  const judge = guard.isProtected ?? (({ metadata }: ResourceDocument) => isProtected(metadata.labels));
  const names = ownedNames(existing, set);
  const decision = decideDeletions(names, wanted, released, { settings, isProtected: (name) => judge(existing.get(name)!) });
  const owned = new Map(names.map((name) => [name, existing.get(name)!]));
  const schedule = scheduleDeletions({ leaving: decision.delete, owned, released, restoreWindowMs: settings.restoreWindowMs, now });
  return { ...decision, ...schedule };
}

/** Names of the set's applications that are not already on their way out. */
export function ownedNames(existing: ReadonlyMap<string, ResourceDocument>, set: ApplicationSet): string[] {
  return [...existing.values()]
    .filter((document) => controllerOf(document)?.uid === set.metadata.uid && !document.metadata.deletionTimestamp)
    .map(({ metadata }) => metadata.name);
}

function adopted(updates: readonly ResourceDocument[], existing: ReadonlyMap<string, ResourceDocument>, set: ApplicationSet): number {
  return updates.filter(({ metadata }) => controllerOf(existing.get(metadata.name)!)?.uid !== set.metadata.uid).length;
}
