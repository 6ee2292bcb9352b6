import type { ResourceDocument } from '@flotilla/contracts';
import type { ListOptions, ListResult } from '@flotilla/resources';

/** Reads of the store or of a transaction alike. */
export interface DocumentReader {
  list<T extends ResourceDocument>(kind: string, options?: ListOptions): Promise<ListResult<T>>;
}

/** Documents of a page; more are asked for until there are none. */
const PAGE = 500;
/** Documents of one kind a reconcile reads at most. */
const MAX_DOCUMENTS = 500_000;

/** Every document of a kind, complete or an error: half a list would look like deletions. */
export async function listAll<T extends ResourceDocument>(
  reader: DocumentReader,
  kind: string,
  options: Omit<ListOptions, 'limit' | 'continue'> = {},
): Promise<T[]> {
  const items: T[] = [];
  let token: string | undefined;
  do {
    const page = await reader.list<T>(kind, { ...options, limit: PAGE, ...(token ? { continue: token } : {}) });
    items.push(...page.items);
    if (items.length > MAX_DOCUMENTS) throw new RangeError(`more than ${MAX_DOCUMENTS} documents of kind ${kind}`);
    token = page.continue;
  } while (token !== undefined);
  return items;
}
