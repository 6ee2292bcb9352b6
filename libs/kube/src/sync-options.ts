import type { KubeObject } from './kube-object.js';

export const SYNC_OPTIONS_ANNOTATION = 'argocd.argoproj.io/sync-options';

export function syncOptionsOf(object: KubeObject): string[] {
  return (object.metadata.annotations?.[SYNC_OPTIONS_ANNOTATION] ?? '')
    .split(',')
    .map((option) => option.trim())
    .filter((option) => option !== '');
}

/** The value of `Name=value`: the object's own option wins over the application's. Undefined when neither says it. */
export function optionValue(name: string, ...levels: (readonly string[] | undefined)[]): string | undefined {
  for (const options of levels) {
    const found = options?.findLast((option) => option.startsWith(`${name}=`));
    if (found !== undefined) return found.slice(name.length + 1);
  }
  return undefined;
}

export function hasOption(name: string, ...levels: (readonly string[] | undefined)[]): boolean {
  return optionValue(name, ...levels)?.toLowerCase() === 'true';
}
