import { readContinue } from '../document/continue-token.js';
import { compareText, keyText } from '../document/document-key.js';
import { matchesDocument } from '../document/selection.js';
import { servedRv, withRv } from '../document/stage-write.js';
import type { ListOptions, ListResult } from '../resource-store.js';
import type { StagedWrite } from './document-rows.js';

/** A page as the transaction that staged these writes sees it; a list of an earlier time is not touched. */
export function overlayList(listed: ListResult, writes: readonly StagedWrite[], kind: string, options: ListOptions): ListResult {
  const own = writes.filter(({ key }) => key.kind === kind);
  if (own.length === 0 || options.asOf !== undefined) return listed;
  const touched = new Set(own.map(({ key }) => keyText(key)));
  const untouched = listed.items.filter(
    ({ metadata }) => !touched.has(keyText({ kind, namespace: metadata.namespace ?? '', name: metadata.name })),
  );
  const first = options.continue === undefined ? undefined : readContinue(options.continue);
  const last = listed.continue === undefined ? undefined : listed.items.at(-1)?.metadata;
  const staged = own.flatMap(({ key, before, after }) => {
    if (!after || !matchesDocument(options, after)) return [];
    // What sorts before the page's first item or behind its last belongs to another page.
    if ((first && comparePlace(key, first) <= 0) || (last && comparePlace(key, last) > 0)) return [];
    return [before ? withRv(after, servedRv(before)) : after];
  });
  return { ...listed, items: [...untouched, ...staged].sort((a, b) => comparePlace(a.metadata, b.metadata)) };
}

interface Place {
  namespace?: string | undefined;
  name: string;
}

function comparePlace(a: Place, b: Place): number {
  return compareText(a.namespace ?? '', b.namespace ?? '') || compareText(a.name, b.name);
}
