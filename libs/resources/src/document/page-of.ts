import type { ListResult } from '../resource-store.js';
import { writeContinue } from './continue-token.js';
import { type StoredDocument, servedRv, withRv } from './stage-write.js';

/** @param found in order, one more than `limit` when there are more */
export function pageOf(found: readonly StoredDocument[], rv: number, limit: number | undefined): ListResult {
  const items = found.slice(0, limit).map((stored) => withRv(stored.document, servedRv(stored)));
  const result: ListResult = { items, resourceVersion: String(rv) };
  const last = items.at(-1);
  if (limit === undefined || found.length <= limit || !last) return result;
  return { ...result, continue: writeContinue({ rv, namespace: last.metadata.namespace ?? '', name: last.metadata.name }) };
}
