import type { KubeObject } from './kube-object.js';

export const SYNC_WAVE_ANNOTATION = 'argocd.argoproj.io/sync-wave';
const HOOK_WEIGHT_ANNOTATION = 'helm.sh/hook-weight';

/**
 * The wave of an object (GE:sync/syncwaves/waves.go): the sync-wave annotation when it is an integer as Go's Atoi reads it
 * (`+1` is, ` 1` and `1.5` are not), else Helm's hook weight, which also counts for objects that are no hooks, else 0.
 */
export function syncWaveOf(object: KubeObject): number {
  const annotations = object.metadata.annotations ?? {};
  return integer(annotations[SYNC_WAVE_ANNOTATION]) ?? integer(annotations[HOOK_WEIGHT_ANNOTATION]) ?? 0;
}

function integer(text: string | undefined): number | undefined {
  if (text === undefined || !/^[+-]?\d+$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) ? value : undefined;
}
