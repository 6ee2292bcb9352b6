import type { ResourceDocument } from '@flotilla/contracts';
import { ConflictError, InvalidInputError, jsonEqual, type Uid } from '@flotilla/kernel';

/** A document larger than this is refused, as the Kubernetes API server refuses larger requests. */
export const MAX_DOCUMENT_BYTES = 3 * 1024 * 1024;

/** A document as it rests: without metadata.resourceVersion, which its row holds. */
export interface StoredDocument {
  document: ResourceDocument;
  /** rv of the document's own last write. */
  rv: number;
  /** rv of the last write of a status that rests beside the document. */
  statusRv?: number;
}

/** The resourceVersion a reader is shown: that of the newest part. */
export function servedRv({ rv, statusRv = 0 }: StoredDocument): number {
  return Math.max(rv, statusRv);
}

export function withRv<T extends ResourceDocument>(document: T, rv: number): T {
  return { ...document, metadata: { ...document.metadata, resourceVersion: String(rv) } };
}

/**
 * A status that moved since the caller read does not make an edit stale: the caller's rv may be any that was served
 * since the document's own last write.
 *
 * @throws ConflictError
 */
export function checkPreconditions(
  stored: StoredDocument,
  { uid, resourceVersion }: { uid?: string | undefined; resourceVersion?: string | undefined },
): void {
  const { kind, metadata } = stored.document;
  const subject = `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ''}${metadata.name}`;
  if (uid !== undefined && uid !== metadata.uid) {
    throw new ConflictError(`${subject} has uid ${metadata.uid}, not ${uid}: it was deleted and created again; read it again`, { uid });
  }
  if (resourceVersion === undefined || resourceVersion === '') return;
  const given = Number(resourceVersion);
  if (!(given >= stored.rv && given <= servedRv(stored))) {
    throw new ConflictError(
      `${subject} was changed since resourceVersion ${resourceVersion}; read it again and apply your changes to the latest version`,
      { resourceVersion, stored: String(stored.rv) },
    );
  }
}

export function createdDocument(document: ResourceDocument, uid: Uid, nowMs: number): ResourceDocument {
  const { resourceVersion: _, deletionTimestamp: __, deletionGracePeriodSeconds: ___, ...metadata } = document.metadata;
  return checked({ ...document, metadata: { ...metadata, uid, creationTimestamp: timestamp(nowMs), generation: 1 } });
}

/** Everything of `incoming` but status and what the store itself keeps in metadata. */
export function replacedDocument(stored: ResourceDocument, incoming: ResourceDocument): ResourceDocument {
  const { status: _, metadata, ...rest } = incoming;
  const { status, metadata: kept, ...before } = stored;
  const generation = (kept.generation ?? 1) + (jsonEqual(rest, before) ? 0 : 1);
  const { resourceVersion: __, ...given } = metadata;
  const settled = { uid: kept.uid, creationTimestamp: kept.creationTimestamp, generation, ...deletionOf(kept) };
  const next: ResourceDocument = { ...rest, kind: stored.kind, apiVersion: incoming.apiVersion, metadata: withoutDeletion(given, settled) };
  if (status !== undefined) next.status = status;
  return checked(next);
}

export function statusReplaced(stored: ResourceDocument, incoming: ResourceDocument): ResourceDocument {
  const { status: _, ...rest } = stored;
  return checked(incoming.status === undefined ? (rest as ResourceDocument) : { ...(rest as ResourceDocument), status: incoming.status });
}

/** Marked once; a second deletion leaves the first time. Raises generation, as in Kubernetes. */
export function deletionMarked(stored: ResourceDocument, nowMs: number): ResourceDocument {
  if (stored.metadata.deletionTimestamp) return stored;
  const generation = (stored.metadata.generation ?? 1) + 1;
  return {
    ...stored,
    metadata: { ...stored.metadata, generation, deletionTimestamp: timestamp(nowMs), deletionGracePeriodSeconds: 0 },
  };
}

export function hasFinalizers(document: ResourceDocument): boolean {
  return (document.metadata.finalizers ?? []).length > 0;
}

/** Marked as deleted, and nothing holds it any longer. */
export function isReadyToGo(document: ResourceDocument): boolean {
  return document.metadata.deletionTimestamp !== undefined && !hasFinalizers(document);
}

/** RFC 3339 to the second, as Kubernetes writes metadata times. */
export function timestamp(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function deletionOf({ deletionTimestamp, deletionGracePeriodSeconds }: ResourceDocument['metadata']) {
  return deletionTimestamp === undefined ? {} : { deletionTimestamp, deletionGracePeriodSeconds };
}

function withoutDeletion(
  given: ResourceDocument['metadata'],
  settled: Partial<ResourceDocument['metadata']>,
): ResourceDocument['metadata'] {
  const { deletionTimestamp: _, deletionGracePeriodSeconds: __, ...rest } = given;
  return { ...rest, ...settled };
}

function checked(document: ResourceDocument): ResourceDocument {
  const text = JSON.stringify(document);
  if (Buffer.byteLength(text) > MAX_DOCUMENT_BYTES) {
    throw new InvalidInputError(`${document.kind} ${document.metadata.name} is larger than ${MAX_DOCUMENT_BYTES} bytes`);
  }
  // PostgreSQL's jsonb cannot hold it.
  if (/(?<!\\)(\\\\)*\\u0000/.test(text)) {
    throw new InvalidInputError(`${document.kind} ${document.metadata.name} has a string with a NUL character`);
  }
  return document;
}
