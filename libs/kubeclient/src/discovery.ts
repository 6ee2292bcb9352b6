import { isObject } from '@flotilla/kernel';
import { KubeError } from './kube.errors.js';
import type { Transport } from './transport.js';

/** One served resource, as discovery tells it. */
export interface ApiResourceInfo {
  group: string;
  version: string;
  kind: string;
  plural: string;
  namespaced: boolean;
  verbs: readonly string[];
  /** Names of subresources: `status`, `scale`. */
  subresources: readonly string[];
}

const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';

interface AggregatedList {
  items?: {
    metadata?: { name?: string };
    versions?: {
      version: string;
      freshness?: string;
      resources?: {
        resource: string;
        responseKind?: { kind: string };
        scope: string;
        verbs: string[];
        subresources?: { subresource: string }[];
      }[];
    }[];
  }[];
}

/** Reads every served resource: two requests where discovery is aggregated, one per group version where it is not. */
export async function discover(transport: Transport): Promise<ApiResourceInfo[]> {
  const answers = await Promise.all(
    ['/api', '/apis'].map((path) => transport.json<Record<string, unknown>>('GET', path, { accept: AGGREGATED })),
  );
  if (answers.every((answer) => answer.kind === 'APIGroupDiscoveryList'))
    return answers.flatMap((answer) => readAggregated(answer as AggregatedList));
  return readLegacy(transport, answers[1]!);
}

function readAggregated(list: AggregatedList): ApiResourceInfo[] {
  return (list.items ?? []).flatMap((group) =>
    (group.versions ?? []).flatMap(({ version, resources = [] }) =>
      resources.flatMap((resource) =>
        resource.responseKind
          ? [
              {
                group: group.metadata?.name ?? '',
                version,
                kind: resource.responseKind.kind,
                plural: resource.resource,
                namespaced: resource.scope === 'Namespaced',
                verbs: resource.verbs,
                subresources: (resource.subresources ?? []).map(({ subresource }) => subresource),
              },
            ]
          : [],
      ),
    ),
  );
}

async function readLegacy(transport: Transport, groups: Record<string, unknown>): Promise<ApiResourceInfo[]> {
  const listed = (Array.isArray(groups.groups) ? groups.groups : []).flatMap((group: unknown) =>
    isObject(group) && Array.isArray(group.versions)
      ? group.versions.map((version) => String((version as Record<string, unknown>).groupVersion))
      : [],
  );
  const versions = await Promise.all(['v1', ...listed].map((groupVersion) => readGroupVersion(transport, groupVersion)));
  return versions.flat();
}

async function readGroupVersion(transport: Transport, groupVersion: string): Promise<ApiResourceInfo[]> {
  const [group, version] = groupVersion.includes('/') ? (groupVersion.split('/') as [string, string]) : ['', groupVersion];
  const path = group === '' ? `/api/${version}` : `/apis/${groupVersion}`;
  const { resources = [] } = await transport
    .json<{ resources?: { name: string; kind: string; namespaced: boolean; verbs: string[] }[] }>('GET', path, {})
    .catch((error: unknown) => {
      // An aggregated API whose server is away answers 503 and must not hide the others.
      if (error instanceof KubeError && (error.status === 503 || error.status === 404)) return { resources: [] };
      throw error;
    });
  return resources
    .filter(({ name }) => !name.includes('/'))
    .map(({ name, kind, namespaced, verbs }) => ({
      group,
      version,
      kind,
      plural: name,
      namespaced,
      verbs,
      subresources: resources.filter((other) => other.name.startsWith(`${name}/`)).map((other) => other.name.slice(name.length + 1)),
    }));
}
