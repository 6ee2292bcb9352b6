import { isObject } from '@flotilla/kernel';
import type { KubeObject } from './kube-object.js';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const MASK = '++++++++';

/**
 * The object as people may see it: values of a Secret's `data` and `stringData` are masked, each by the same text whatever its
 * length; last-applied annotations and managedFields are dropped from it. Other kinds only lose managedFields.
 */
export function maskSecret(object: KubeObject): KubeObject {
  const { managedFields: _dropped, ...metadata } = object.metadata;
  if (object.kind !== 'Secret' || object.apiVersion !== 'v1') return { ...object, metadata };
  const { [LAST_APPLIED]: _configuration, ...annotations } = metadata.annotations ?? {};
  const masked: KubeObject = { ...object, metadata: { ...metadata, annotations } };
  for (const field of ['data', 'stringData']) {
    const values = object[field];
    if (isObject(values)) masked[field] = Object.fromEntries(Object.keys(values).map((key) => [key, MASK]));
  }
  return masked;
}
