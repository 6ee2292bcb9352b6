import { isObject } from '@flotilla/kernel';
import { matchesSelector } from '@flotilla/selector';
import type { KubeObject, StorageListOptions } from './storage.js';

export type Selection = Pick<StorageListOptions, 'namespace' | 'labels' | 'fields'>;

/** Whether an object is in a namespace and meets label and field selectors. An absent field equals the empty text. */
export function selects({ namespace, labels, fields }: Selection, object: KubeObject): boolean {
  if (namespace !== undefined && object.metadata.namespace !== namespace) return false;
  if (labels && !matchesSelector(labels, object.metadata.labels)) return false;
  return (fields ?? []).every(({ path, value, negated = false }) => (fieldText(object, path) === value) !== negated);
}

function fieldText(object: KubeObject, path: string): string {
  const found = path
    .split('.')
    .reduce<unknown>((value, name) => (isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined), object);
  return found === undefined || found === null ? '' : String(found);
}
