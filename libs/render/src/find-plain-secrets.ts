import { isObject } from '@flotilla/kernel';

/**
 * Secrets that bring values along, as `Secret/db`: whoever may read their source reads them too. One without values, to be filled
 * in the cluster, is none of them.
 */
export function findPlainSecrets(objects: readonly unknown[]): string[] {
  return objects.flatMap((object) => {
    if (!isObject(object) || object.apiVersion !== 'v1' || object.kind !== 'Secret') return [];
    const name = isObject(object.metadata) ? object.metadata.name : undefined;
    return [object.data, object.stringData].some(hasValues) ? [`Secret/${name}`] : [];
  });
}

function hasValues(values: unknown): boolean {
  return isObject(values) && Object.values(values).some((value) => value !== null && value !== '');
}
