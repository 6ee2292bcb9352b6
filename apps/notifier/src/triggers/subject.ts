import { SUBJECT_KINDS, type SubjectKind } from '@flotilla/admission';
import type { Cluster, FleetRollout, ResourceDocument } from '@flotilla/contracts';
import { repoNamespace, stringsNamespace, timeNamespace } from '@flotilla/expr';
import { isObject } from '@flotilla/kernel';
import { readAnnotations, type Subscription } from '../subscriptions/read-annotations.js';

/** A document at one of its changes, with what belongs to it. */
export interface Subject {
  kind: SubjectKind;
  document: ResourceDocument;
  resourceVersion: string;
  isDeleted: boolean;
  /** The document whose annotations and labels count besides its own: a rollout's set. */
  owner?: ResourceDocument;
  project?: ResourceDocument;
  release?: ResourceDocument;
}

/** Annotations of the document, its owner and its project, merged. */
export function subscriptionsOf({ document, owner, project }: Subject): Subscription[] {
  return [
    ...readAnnotations(document.metadata.annotations),
    ...readAnnotations(owner?.metadata.annotations),
    ...readAnnotations(project?.metadata.annotations, true),
  ];
}

export function labelsOf({ document, owner }: Subject): Record<string, string> {
  return { ...owner?.metadata.labels, ...document.metadata.labels };
}

/** The variables of conditions and templates that are data: plain JSON, so that they can be kept. */
export function dataOf(subject: Subject, previousPhase: string | undefined): Record<string, unknown> {
  const { kind, document, project, release } = subject;
  const variable = Object.entries(SUBJECT_KINDS).find(([, known]) => known === kind)![0];
  return {
    [variable]: withoutManagedFields(document),
    appProject: project ? withoutManagedFields(project) : null,
    ...(kind === 'FleetRollout' ? { release: release ? withoutManagedFields(release) : null } : {}),
    ...(kind === 'Application' ? {} : { previousPhase: previousPhase ?? null }),
  };
}

export function conditionVariables(data: Record<string, unknown>, context: Readonly<Record<string, string>>, now: () => number) {
  return { ...data, context, time: timeNamespace(now), strings: stringsNamespace, repo: repoNamespace };
}

/** What is remembered of a document's phase; a cluster nobody ever heard of has none to come back from. */
export function phaseOf({ kind, document }: Subject): string | undefined {
  if (kind === 'FleetRollout') return (document as FleetRollout).status?.phase;
  if (kind !== 'Cluster') return undefined;
  const { phase, lastSeenAt } = (document as Cluster).status ?? {};
  return phase === 'Unknown' && lastSeenAt === undefined ? undefined : phase;
}

/** Messages about one rollout belong together. */
export function groupOf({ kind, document }: Subject): string | undefined {
  return kind === 'FleetRollout' ? `rollout:${document.metadata.uid ?? document.metadata.name}` : undefined;
}

/** Where a deletion is the first news of it, the document says so. */
export function withDeletion(document: ResourceDocument, at: string): ResourceDocument {
  if (document.metadata.deletionTimestamp !== undefined) return document;
  return { ...document, metadata: { ...document.metadata, deletionTimestamp: at } };
}

function withoutManagedFields(document: ResourceDocument): ResourceDocument {
  const { managedFields: _, annotations, ...metadata } = document.metadata;
  const { 'kubectl.kubernetes.io/last-applied-configuration': _applied, ...kept } = isObject(annotations) ? annotations : {};
  return { ...document, metadata: { ...metadata, ...(annotations ? { annotations: kept as Record<string, string> } : {}) } };
}
