import { CONTROL_NAMESPACE, type ResourceDocument } from '@flotilla/contracts';
import { NotFoundError } from '@flotilla/kernel';
import type { ResourceStore } from '@flotilla/resources';
import { parseSelectorText } from '@flotilla/selector';
import type { RestHandler } from '../rest/rest-dispatcher.js';

const DEFAULT_PAGE = 500;

/** A handler that lists a kind, page by page. */
export function listDocuments(store: ResourceStore, kind: string): RestHandler {
  return async ({ query }) => {
    const {
      namespace,
      selector,
      limit = DEFAULT_PAGE,
      continue: next,
    } = query as { namespace?: string; selector?: string; limit?: number; continue?: string };
    const page = await store.list(kind, { namespace, labels: selector ? parseSelectorText(selector) : undefined, limit, continue: next });
    return { items: page.items, continue: page.continue };
  };
}

/** A handler that reads one document. */
export function getDocument(store: ResourceStore, kind: string): RestHandler {
  return ({ parameters }) => requireDocument(store, kind, parameters.namespace ?? '', parameters.name!);
}

/** @throws NotFoundError naming the document */
export async function requireDocument<T extends ResourceDocument>(
  store: ResourceStore,
  kind: string,
  namespace: string,
  name: string,
): Promise<T> {
  const document = await store.get<T>({ kind, namespace, name });
  if (!document)
    throw new NotFoundError(`no ${kind} ${namespace === '' || namespace === CONTROL_NAMESPACE ? '' : `${namespace}/`}${name}`, {
      kind,
      namespace,
      name,
    });
  return document;
}
