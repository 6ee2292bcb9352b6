import type { KubeObject } from './kube-object.js';

export const ARGO_HOOK_ANNOTATION = 'argocd.argoproj.io/hook';
const HELM_HOOK_ANNOTATION = 'helm.sh/hook';
const ARGO_HOOKS = new Set(['PreSync', 'Sync', 'PostSync', 'SyncFail', 'Skip', 'PreDelete', 'PostDelete']);
const HELM_HOOKS: Record<string, string> = {
  'pre-install': 'PreSync',
  'pre-upgrade': 'PreSync',
  'post-install': 'PostSync',
  'post-upgrade': 'PostSync',
  'pre-delete': 'PreDelete',
  'post-delete': 'PostDelete',
};

/**
 * The hook types of an object, in Argo CD's words; undefined for an ordinary object. An Argo annotation hides Helm's.
 * `crd-install` alone makes no hook; a hook of unknown type (`test`) is an empty list: never applied, never pruned.
 */
export function hookTypesOf(object: KubeObject): string[] | undefined {
  const annotations = object.metadata.annotations ?? {};
  const argo = split(annotations[ARGO_HOOK_ANNOTATION]);
  if (argo.length > 0) return argo.filter((type) => ARGO_HOOKS.has(type));
  const helm = split(annotations[HELM_HOOK_ANNOTATION]).filter((type) => type !== 'crd-install');
  if (helm.length === 0) return undefined;
  return [...new Set(helm.flatMap((type) => HELM_HOOKS[type] ?? []))];
}

function split(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
