import { apiVersionOf, CONTROL_NAMESPACE, KINDS, PLACEMENT_GROUP, type ResourceDocument } from '@flotilla/contracts';
import type { DecisionChoice, DecisionPorts, DecisionResource } from '@flotilla/generators';
import { InvalidInputError } from '@flotilla/kernel';
import type { ResourceStore } from '@flotilla/resources';
import { matchesSelector } from '@flotilla/selector';
import { readConfigMap } from './host-secrets.js';
import { listAll } from './list-documents.js';

/** Kinds of foreign controllers that this hub keeps for generators. */
const KEPT = KINDS.filter(({ group }) => group === PLACEMENT_GROUP);

/** What generators of kind clusterDecisionResource read: ConfigMaps and decisions of the control namespace, as in Argo CD. */
export function decisionInputs(store: DocumentStore): DecisionPorts {
  return {
    configMap: async (name) => (await readConfigMap(store, CONTROL_NAMESPACE, name)).data ?? {},
    resources: async (kind, by) => (await select(store, kindOf(kind), by)).map(asResource),
  };
}

type DocumentStore = Pick<ResourceStore, 'get' | 'list'>;

/** Kinds whose documents decide over clusters. */
export const DECISION_KINDS: readonly string[] = KEPT.map(({ kind }) => kind);

/** The kind that a ConfigMap of clusterDecisionResource tells of; undefined when the hub keeps none like it. */
export function decisionKindOf(data: Readonly<Record<string, string>> = {}): string | undefined {
  return KEPT.find((definition) => apiVersionOf(definition) === data.apiVersion && definition.plural === data.kind)?.kind;
}

function kindOf({ apiVersion, plural }: { apiVersion: string; plural: string }): string {
  const found = decisionKindOf({ apiVersion, kind: plural });
  if (found) return found;
  const kept = KEPT.map((definition) => `${definition.plural} of ${apiVersionOf(definition)}`).join(', ');
  throw new InvalidInputError(
    `this hub keeps no ${plural} of ${apiVersion}, so nobody can say which clusters they decide for; write the decision as ${kept}, ` +
      'with its `status` by `kubectl replace --subresource=status`, and name that kind in the ConfigMap',
    { apiVersion, plural },
  );
}

async function select(store: DocumentStore, kind: string, by: DecisionChoice): Promise<ResourceDocument[]> {
  if ('name' in by) {
    const found = await store.get({ kind, namespace: CONTROL_NAMESPACE, name: by.name });
    return found ? [found] : [];
  }
  const all = await listAll(store, kind, { namespace: CONTROL_NAMESPACE });
  return all.filter(({ metadata }) => matchesSelector(by.labels, metadata.labels));
}

/** One that is being deleted still decides, until it is gone. */
const asResource = ({ metadata, status }: ResourceDocument): DecisionResource => ({ name: metadata.name, status });
