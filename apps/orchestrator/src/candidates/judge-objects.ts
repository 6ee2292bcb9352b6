import { type AppProject, type BundleItem, CONTROL_NAMESPACE } from '@flotilla/contracts';
import { checkDestination, checkResource, type DestinationFacts } from '@flotilla/policy';
import { isControlObject } from './control-object.js';
import type { Scope } from './kind-scope.js';

/** Why a bundle may not go to its cluster. `isScopeUnknown`: only because nobody knows where objects of a kind live. */
export interface Objection {
  message: string;
  isScopeUnknown: boolean;
}

export interface JudgeInput {
  project: AppProject;
  items: readonly BundleItem[];
  /** Undefined where nobody knows. */
  scopeOf(item: BundleItem): Scope | undefined;
  /** As the project was asked about the application's own destination. */
  destination: DestinationFacts;
  cluster: string;
  /** The hub takes control objects of this bundle into its own store. */
  isLocal: boolean;
}

/** Where the agent puts namespaced objects that name no namespace, when the destination names none either. */
export const AGENT_FALLBACK = 'default';

/**
 * Asks the project about every object: its kind by scope, and the namespace it names itself. An object whose scope nobody knows
 * passes only if it may be either. A certain refusal is told before an uncertain one.
 */
export function judgeObjects(input: JudgeInput): Objection | undefined {
  let uncertain: Objection | undefined;
  for (const item of input.items) {
    const objection = judgeObject(item, input);
    if (objection && !objection.isScopeUnknown) return objection;
    uncertain ??= objection;
  }
  return uncertain;
}

function judgeObject(item: BundleItem, input: JudgeInput): Objection | undefined {
  const { project, cluster } = input;
  const { group, kind, name } = item;
  const scope = input.scopeOf(item);
  const title = `${group === '' ? '' : `${group}/`}${kind} ${JSON.stringify(name)}`;
  const certain = (reason: string | undefined): Objection | undefined =>
    reason === undefined ? undefined : { message: `${title}: ${reason}`, isScopeUnknown: false };
  const asCluster = reasonOf(checkResource(project, { group, kind, name, namespaced: false }));
  if (scope === 'Cluster') return certain(asCluster);
  const asNamespaced = reasonOf(checkResource(project, { group, kind, name, namespaced: true })) ?? refusedNamespace(item, input);
  if (scope === 'Namespaced') return certain(asNamespaced);
  if (asCluster === undefined && asNamespaced === undefined) return undefined;
  if (asCluster !== undefined && asNamespaced !== undefined) return certain(asNamespaced);
  const form = asCluster === undefined ? 'namespaced' : 'cluster-scoped';
  return {
    message:
      `${title}: nobody knows whether its kind is namespaced or cluster-scoped on cluster ${cluster}: it is not built in, no CustomResourceDefinition ` +
      `released there or in this bundle defines it (or they disagree), and the cluster's agent has not reported it; were it ${form}: ` +
      `${asCluster ?? asNamespaced}. Release its CustomResourceDefinition to the cluster, connect (or restart) the cluster's agent, which reports the ` +
      `kinds its cluster serves, or let AppProject ${project.metadata.name} permit the kind both ways`,
    isScopeUnknown: true,
  };
}

const reasonOf = (verdict: ReturnType<typeof checkResource>): string | undefined => (verdict.permitted ? undefined : verdict.reason);

/** The application's own destination was permitted already; an object may name another namespace. */
function refusedNamespace(item: BundleItem, { project, destination, isLocal }: JudgeInput): string | undefined {
  const isHubs = isLocal && isControlObject(item);
  const namespace = item.namespace || (isHubs ? CONTROL_NAMESPACE : destination.namespace || AGENT_FALLBACK);
  return namespace === destination.namespace ? undefined : reasonOf(checkDestination(project, { ...destination, namespace }));
}
