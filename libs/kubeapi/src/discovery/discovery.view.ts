import type { ApiRegistry } from '../api/api-registry.js';
import { type ApiResource, apiVersionOf, verbsOf } from '../api/api-resource.js';

const SUBRESOURCE_VERBS = ['get', 'patch', 'update'];

/** `/api` */
export function apiVersions(registry: ApiRegistry): Record<string, unknown> {
  const core = registry.groups().find(({ group }) => group === '');
  return { kind: 'APIVersions', versions: core?.versions.map(({ version }) => version) ?? [], serverAddressByClientCIDRs: [] };
}

/** `/apis` */
export function apiGroupList(registry: ApiRegistry): Record<string, unknown> {
  const groups = registry.groups().filter(({ group }) => group !== '');
  return { kind: 'APIGroupList', apiVersion: 'v1', groups: groups.map(({ group, versions }) => groupOf(group, versions)) };
}

/** `/apis/<group>`; undefined when the group is not served. */
export function apiGroup(registry: ApiRegistry, name: string): Record<string, unknown> | undefined {
  const found = registry.groups().find(({ group }) => group === name && group !== '');
  return found && { kind: 'APIGroup', apiVersion: 'v1', ...groupOf(found.group, found.versions) };
}

/** `/api/v1` and `/apis/<group>/<version>`; undefined when the version is not served. */
export function apiResourceList(registry: ApiRegistry, group: string, version: string): Record<string, unknown> | undefined {
  const resources = registry
    .groups()
    .find((other) => other.group === group)
    ?.versions.find((other) => other.version === version)?.resources;
  return (
    resources && {
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: apiVersionOf({ group, version }),
      resources: resources.flatMap((resource) => [mainEntry(resource), ...subresourceEntries(resource)]),
    }
  );
}

function groupOf(name: string, versions: readonly { version: string }[]): Record<string, unknown> {
  const listed = versions.map(({ version }) => ({ groupVersion: `${name}/${version}`, version }));
  return { name, versions: listed, preferredVersion: listed[0] };
}

function mainEntry(resource: ApiResource): Record<string, unknown> {
  const { plural, singular, namespaced, kind, shortNames, categories } = resource;
  return {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs: verbsOf(resource),
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
  };
}

function subresourceEntries({ plural, namespaced, kind, subresources, isCustom }: ApiResource): Record<string, unknown>[] {
  const common = { singularName: '', namespaced, verbs: SUBRESOURCE_VERBS };
  const scale = subresources.scale ? [{ name: `${plural}/scale`, ...common, group: 'autoscaling', version: 'v1', kind: 'Scale' }] : [];
  const status = subresources.status ? [{ name: `${plural}/status`, ...common, kind }] : [];
  return isCustom ? [...status, ...scale] : [...scale, ...status];
}

/** `APIGroupDiscoveryList`: the core group for `/api`, all others for `/apis`. */
export function aggregatedDiscovery(registry: ApiRegistry, isCore: boolean, version: 'v2' | 'v2beta1'): Record<string, unknown> {
  const groups = registry.groups().filter(({ group }) => (group === '') === isCore);
  return {
    kind: 'APIGroupDiscoveryList',
    apiVersion: `apidiscovery.k8s.io/${version}`,
    metadata: {},
    items: groups.map(({ group, versions }) => ({
      metadata: group === '' ? {} : { name: group },
      versions: versions.map((served) => ({
        version: served.version,
        resources: served.resources.map(aggregatedEntry),
        freshness: 'Current',
      })),
    })),
  };
}

function aggregatedEntry(resource: ApiResource): Record<string, unknown> {
  const { group, version, plural, singular, namespaced, kind, shortNames, categories, subresources } = resource;
  const subentries = [
    ...(subresources.scale ? [subentry('scale', { group: 'autoscaling', version: 'v1', kind: 'Scale' })] : []),
    ...(subresources.status ? [subentry('status', { group, version, kind })] : []),
  ];
  return {
    resource: plural,
    responseKind: { group, version, kind },
    scope: namespaced ? 'Namespaced' : 'Cluster',
    singularResource: singular,
    verbs: verbsOf(resource),
    ...(shortNames.length > 0 ? { shortNames } : {}),
    ...(categories.length > 0 ? { categories } : {}),
    ...(subentries.length > 0 ? { subresources: subentries } : {}),
  };
}

function subentry(subresource: string, responseKind: Record<string, string>): Record<string, unknown> {
  return { subresource, responseKind, verbs: SUBRESOURCE_VERBS };
}
