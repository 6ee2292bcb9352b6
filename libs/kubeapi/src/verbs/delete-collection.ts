import type { ApiAnswer } from '../http/api-request.js';
import type { KubeObject } from '../storage.js';
import { type ApiCall, groupResourceOf } from './api-call.js';
import { readDeleteOptions, removeObject } from './delete-object.js';
import { readSelection } from './list-options.js';
import { answerList } from './present.js';

/** Deletions in flight at a time. */
const CONCURRENCY = 8;

/** DELETE of a collection: every selected object by the rules of a single deletion; the answer lists them. */
export async function deleteCollection(call: ApiCall): Promise<ApiAnswer> {
  const options = readDeleteOptions(call);
  const { items, resourceVersion } = await call.services.storage.list(groupResourceOf(call), readSelection(call));
  const queue = [...items];
  const deleted: KubeObject[] = [];
  const work = async (): Promise<void> => {
    for (let item = queue.shift(); item; item = queue.shift()) {
      const { namespace = '', name } = item.metadata;
      // One that somebody else deleted meanwhile is as deleted as it should be.
      const result = await removeObject({ ...call, name }, namespace, name, options).catch(ignoreMissing);
      if (result) deleted.push(result.removed ? item : result.object);
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, items.length) }, work));
  return answerList(call, deleted.toSorted(byPlace), { resourceVersion });
}

function ignoreMissing(error: unknown): undefined {
  const status = (error as { status?: { code?: number } }).status;
  if (status?.code !== 404) throw error;
  return undefined;
}

function byPlace(a: KubeObject, b: KubeObject): number {
  const [left, right] = [a, b].map(({ metadata }) => `${metadata.namespace ?? ''}/${metadata.name}`) as [string, string];
  return left < right ? -1 : left > right ? 1 : 0;
}
