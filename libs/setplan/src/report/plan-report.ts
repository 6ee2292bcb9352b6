import type { ApplicationSet, ResourceDocument } from '@flotilla/contracts';
import { isObject } from '@flotilla/kernel';
import type { ApplicationPlan, Refusal } from '../plan-applications.js';
import { comparable } from './comparable-document.js';
import { type FieldChange, fieldChanges } from './field-changes.js';

/** An application as lists show it. */
export interface ApplicationOutline {
  name: string;
  /** Name or address of the destination. */
  cluster?: string;
  project?: string;
  /** Path or chart, with several sources the first one's. */
  path?: string;
  revision?: string;
}

export interface PlannedChange extends ApplicationOutline {
  fields: FieldChange[];
}

export interface PlannedDeletion extends ApplicationOutline {
  /** Why it is no longer generated, where that can be told. */
  reason?: string;
}

/** What a reconcile would do to the applications of one set; every list is sorted by name. */
export interface PlanReport {
  /** `namespace/name`. */
  set: string;
  create: ApplicationOutline[];
  change: PlannedChange[];
  delete: PlannedDeletion[];
  /** Deletions that wait for a person. */
  hold: PlannedDeletion[];
  /** What the guard goes by in holding them. */
  rule?: string;
  /** Deletions that wait for the end of the restore window. */
  pending: (PlannedDeletion & { deleteAfter: string })[];
  refused: Refusal[];
  /** Names still being deleted, which are created again afterwards. */
  waiting: string[];
  unchanged: number;
  warnings: string[];
}

/** One application before and after, as far as a set decides over it; a deleted one has no `after`, a new one no `before`. */
export interface PlannedDocument {
  name: string;
  before?: Record<string, unknown>;
  after?: Record<string, unknown>;
}

/** A plan with the documents behind it, as REST answers it. */
export interface PlannedSet {
  report: PlanReport;
  documents: PlannedDocument[];
}

export interface DescribePlanInput {
  set: ApplicationSet;
  plan: ApplicationPlan;
  existing: ReadonlyMap<string, ResourceDocument>;
  /** How many applications the set generates, held ones included. */
  generated: number;
  warnings?: readonly string[];
  /** Why an application is no longer generated. */
  reasonOf?(document: ResourceDocument): string | undefined;
}

export function describePlan({ set, plan, existing, generated, warnings = [], reasonOf }: DescribePlanInput): PlanReport {
  const deletion = (name: string): PlannedDeletion => {
    const document = existing.get(name);
    const reason = document && reasonOf?.(document);
    return { ...(document ? outline(document) : { name }), ...(reason ? { reason } : {}) };
  };
  const change = plan.update
    .map((document) => ({ ...outline(document), fields: changesOf(existing.get(document.metadata.name), document) }))
    .filter(({ fields }) => fields.length > 0);
  const touched = plan.create.length + change.length + plan.refused.length + plan.waiting.length;
  return {
    set: `${set.metadata.namespace ?? ''}/${set.metadata.name}`,
    create: sorted(plan.create.map(outline)),
    change: sorted(change),
    delete: plan.delete.map(deletion),
    hold: plan.hold.map(deletion),
    ...(plan.holdRule === undefined ? {} : { rule: plan.holdRule }),
    pending: plan.pending.map(({ name, deleteAfter }) => ({ ...deletion(name), deleteAfter })),
    refused: sorted(plan.refused),
    waiting: [...plan.waiting].sort(),
    unchanged: Math.max(generated - touched, 0),
    warnings: [...warnings],
  };
}

/** The documents behind a plan: what it creates, changes and deletes. */
export function planDocuments(plan: ApplicationPlan, existing: ReadonlyMap<string, ResourceDocument>): PlannedDocument[] {
  const before = (name: string) => {
    const document = existing.get(name);
    return document ? { before: comparable(document) } : {};
  };
  return sorted([
    ...plan.create.map((document) => ({ name: document.metadata.name, after: comparable(document) })),
    ...plan.update.map((document) => ({ name: document.metadata.name, ...before(document.metadata.name), after: comparable(document) })),
    ...plan.delete.map((name) => ({ name, ...before(name) })),
  ]);
}

export const hasChanges = ({ create, change, delete: gone, hold, pending }: PlanReport): boolean =>
  create.length + change.length + gone.length + hold.length + pending.length > 0;

const sorted = <T extends { name: string }>(list: readonly T[]): T[] => [...list].sort((a, b) => (a.name < b.name ? -1 : 1));

function changesOf(before: ResourceDocument | undefined, after: ResourceDocument): FieldChange[] {
  return fieldChanges(before ? comparable(before) : {}, comparable(after));
}

function outline({ metadata, spec }: ResourceDocument): ApplicationOutline {
  const { project, destination, source, sources } = isObject(spec) ? spec : {};
  const place = isObject(destination) ? (destination.name ?? destination.server) : undefined;
  const first = isObject(source) ? source : Array.isArray(sources) && isObject(sources[0]) ? sources[0] : {};
  return {
    name: metadata.name,
    ...text('cluster', place),
    ...text('project', project),
    ...text('path', first.path ?? first.chart),
    ...text('revision', first.targetRevision),
  };
}

const text = <K extends string>(key: K, value: unknown): { [key in K]?: string } =>
  (typeof value === 'string' && value !== '' ? { [key]: value } : {}) as { [key in K]?: string };
