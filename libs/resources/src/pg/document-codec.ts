import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { ResourceDocument } from '@flotilla/contracts';
import { MAX_DOCUMENT_BYTES, type StoredDocument } from '../document/stage-write.js';

/** Application status rests in rows of its own, so that it can be written at rate. */
export const STATUS_KIND = 'Application';

/** A row of documents, with the status row beside it where there is one. */
export interface DocumentRow {
  kind: string;
  namespace: string;
  name: string;
  rv: string;
  document: ResourceDocument;
  status_rv: string | null;
  status: unknown;
  [column: string]: unknown;
}

/** The columns of DocumentRow, from `documents d LEFT JOIN application_status s`. */
export const DOCUMENT_COLUMNS = 'd.kind, d.namespace, d.name, d.rv, d.document, s.rv AS status_rv, s.status';
export const DOCUMENT_SOURCE = 'resources.documents d LEFT JOIN resources.application_status s ON s.uid = d.uid';

export function storedOf(row: DocumentRow): StoredDocument {
  const rv = Number(row.rv);
  if (row.status_rv === null) return { document: row.document, rv };
  return { document: { ...row.document, status: row.status }, rv, statusRv: Number(row.status_rv) };
}

/** What the row of documents holds: no resourceVersion, and no status where that rests elsewhere. */
export function restingText(document: ResourceDocument): string {
  const { resourceVersion: _, ...metadata } = document.metadata;
  const { status, ...rest } = document;
  return JSON.stringify({ ...rest, metadata, ...(status === undefined || document.kind === STATUS_KIND ? {} : { status }) });
}

/** A document in the log: zstd of its JSON, status included. */
export function packDocument(document: ResourceDocument): Buffer {
  return zstdCompressSync(JSON.stringify(document));
}

/** @returns the document and the length of its text in characters */
export function unpackDocument(bytes: Uint8Array): { document: ResourceDocument; bytes: number } {
  // A status may come on top of the largest document.
  const text = zstdDecompressSync(bytes, { maxOutputLength: 2 * MAX_DOCUMENT_BYTES }).toString('utf8');
  return { document: JSON.parse(text) as ResourceDocument, bytes: text.length };
}
