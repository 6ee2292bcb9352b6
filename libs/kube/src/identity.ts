import type { KubeObject } from './kube-object.js';

/** Which object: versions do not tell two objects apart. `namespace` is empty for cluster-scoped ones. */
export interface ObjectRef {
  group: string;
  kind: string;
  namespace: string;
  name: string;
}

export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/');
  return slash < 0 ? '' : apiVersion.slice(0, slash);
}

export function versionOf(apiVersion: string): string {
  return apiVersion.slice(apiVersion.indexOf('/') + 1);
}

export function apiVersionFrom(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

export function refOf(object: KubeObject): ObjectRef {
  return {
    group: groupOf(object.apiVersion),
    kind: object.kind,
    namespace: object.metadata.namespace ?? '',
    name: object.metadata.name,
  };
}

/** `group/Kind/namespace/name`, with empty group or namespace left empty: `/ConfigMap/shop/settings`. */
export function objectKey({ group, kind, namespace, name }: ObjectRef): string {
  return `${group}/${kind}/${namespace}/${name}`;
}

/** Reads `group/Kind/namespace/name`; undefined for anything else. Names of some kinds hold `:` but never `/`. */
export function parseObjectKey(key: string): ObjectRef | undefined {
  const [group, kind, namespace, name, ...rest] = key.split('/');
  if (group === undefined || !kind || namespace === undefined || !name || rest.length > 0) return undefined;
  return { group, kind, namespace, name };
}
