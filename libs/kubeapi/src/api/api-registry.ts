import { type ApiResource, apiVersionOf } from './api-resource.js';

/** Resources one server may hold. */
const MAX_RESOURCES = 5_000;

/**
 * The resources a server has. It may change while the server runs (CRDs); every change raises `generation`, by which
 * documents made from it are cached. Groups stand in the order of their first registration, the core group first.
 */
export class ApiRegistry {
  readonly #resources = new Map<string, ApiResource>();
  #generation = 0;

  constructor(resources: Iterable<ApiResource> = []) {
    for (const resource of resources) this.register(resource);
  }

  get generation(): number {
    return this.#generation;
  }

  /** Adds a resource, or replaces the one of the same group, version and plural. */
  register(resource: ApiResource): void {
    const key = keyOf(resource.group, resource.version, resource.plural);
    if (this.#resources.get(key) === resource) return;
    if (!this.#resources.has(key) && this.#resources.size >= MAX_RESOURCES) throw new RangeError(`more than ${MAX_RESOURCES} resources`);
    this.#resources.set(key, resource);
    this.#generation += 1;
  }

  unregister(group: string, version: string, plural: string): void {
    if (this.#resources.delete(keyOf(group, version, plural))) this.#generation += 1;
  }

  find(group: string, version: string, plural: string): ApiResource | undefined {
    return this.#resources.get(keyOf(group, version, plural));
  }

  findKind(apiVersion: string, kind: string): ApiResource | undefined {
    return this.all().find((resource) => resource.kind === kind && apiVersionOf(resource) === apiVersion);
  }

  all(): ApiResource[] {
    return [...this.#resources.values()];
  }

  hasVersion(group: string, version: string): boolean {
    return this.all().some((resource) => resource.group === group && resource.version === version);
  }

  /** Served groups with their versions, each in order of preference: GA before beta before alpha, higher first. */
  groups(): { group: string; versions: { version: string; resources: ApiResource[] }[] }[] {
    const groups = new Map<string, Map<string, ApiResource[]>>();
    for (const resource of this.#resources.values()) {
      const versions = groups.get(resource.group) ?? new Map<string, ApiResource[]>();
      groups.set(resource.group, versions.set(resource.version, [...(versions.get(resource.version) ?? []), resource]));
    }
    return [...groups].map(([group, versions]) => ({
      group,
      versions: [...versions]
        .map(([version, resources]) => ({ version, resources: resources.toSorted((a, b) => (a.plural < b.plural ? -1 : 1)) }))
        .sort((a, b) => compareVersions(a.version, b.version)),
    }));
  }
}

/** Kubernetes' version priority: `v2` before `v1` before `v2beta1` before `v1alpha1`, anything else last by name. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [rank(a), rank(b)];
  if (!left || !right) return left ? -1 : right ? 1 : a < b ? -1 : 1;
  for (let i = 0; i < left.length; i += 1) if (left[i] !== right[i]) return right[i]! - left[i]!;
  return 0;
}

function rank(version: string): number[] | undefined {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version);
  if (!match) return undefined;
  const stage = match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0;
  return [stage, Number(match[1]), Number(match[3] ?? 0)];
}

function keyOf(group: string, version: string, plural: string): string {
  return `${group}/${version}/${plural}`;
}
