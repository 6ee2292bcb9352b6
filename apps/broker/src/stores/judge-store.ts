import { type SecretStoreDocument, STORE_PROJECTS_ANNOTATION } from '@flotilla/contracts';
import { matchesExpression } from '@flotilla/policy';
import { matchesGlob, matchesSelector, parseLabelSelector } from '@flotilla/selector';
import { nameOfStore } from './store-name.js';

/** Who asks a store: the project of the application, and the namespace its Secret goes to. */
export interface StoreUse {
  project: string;
  namespace: string;
}

/** Why a store does not serve somebody; undefined when it does. */
export function judgeStore(store: SecretStoreDocument, { project, namespace }: StoreUse): string | undefined {
  const rule = store.metadata.annotations?.[STORE_PROJECTS_ANNOTATION];
  const globs = rule?.split(',').map((glob) => glob.trim());
  if (globs && !globs.some((glob) => glob !== '' && matchesGlob(glob, project)))
    return `${nameOfStore(store)} does not serve project ${project}; ${STORE_PROJECTS_ANNOTATION} names those it serves`;
  const { conditions = [] } = store.kind === 'ClusterSecretStore' ? store.spec : {};
  if (conditions.length === 0 || conditions.some((condition) => meets(condition, namespace))) return undefined;
  return `${nameOfStore(store)} does not serve namespace ${namespace}; spec.conditions name those it serves`;
}

type Condition = NonNullable<SecretStoreDocument['spec']['conditions']>[number];

/** Of a cluster's namespaces the hub knows the name and the label every one of them has; a selector over others fits none. */
function meets({ namespaces = [], namespaceRegexes = [], namespaceSelector }: Condition, namespace: string): boolean {
  if (namespaces.includes(namespace) || namespaceRegexes.some((expression) => matchesExpression(expression, namespace))) return true;
  if (!namespaceSelector) return false;
  return matchesSelector(parseLabelSelector(namespaceSelector), { 'kubernetes.io/metadata.name': namespace });
}
