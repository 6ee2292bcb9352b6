import type { ApplicationSource } from '@flotilla/contracts';
import type { RenderContext } from './render-plan.js';

/** Argo CD's build environment: `$ARGOCD_APP_NAME` and its kin in Helm parameters, value files and Kustomize options. */
export function buildVariables(source: ApplicationSource, context: RenderContext): ReadonlyMap<string, string> {
  return new Map([
    ['ARGOCD_APP_NAME', context.name],
    ['ARGOCD_APP_NAMESPACE', context.destinationNamespace],
    ['ARGOCD_APP_PROJECT_NAME', context.project],
    ['ARGOCD_APP_REVISION', context.revision],
    ['ARGOCD_APP_REVISION_SHORT', context.revision.slice(0, 7)],
    ['ARGOCD_APP_REVISION_SHORT_8', context.revision.slice(0, 8)],
    ['ARGOCD_APP_SOURCE_REPO_URL', source.repoURL],
    ['ARGOCD_APP_SOURCE_PATH', source.path ?? ''],
    ['ARGOCD_APP_SOURCE_TARGET_REVISION', source.targetRevision ?? ''],
  ]);
}

/** Replaces `$NAME` and `${NAME}`; an unknown name becomes empty, as in Argo CD, unless `keepUnknown`. */
export function substituteVariables(text: string, variables: ReadonlyMap<string, string>, keepUnknown = false): string {
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced?: string, bare?: string) => {
    const value = variables.get(braced ?? bare ?? '');
    return value ?? (keepUnknown ? whole : '');
  });
}
