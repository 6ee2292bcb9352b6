import { isObject } from '@flotilla/kernel';
import type { ApiRegistry } from '../api/api-registry.js';
import type { ApiResource } from '../api/api-resource.js';
import type { KubeObject, KubeStorage } from '../storage.js';
import { isConflict } from '../verbs/storage-failure.js';
import { resourcesOfCrd } from './crd-resources.js';

const CRDS = { group: 'apiextensions.k8s.io', resource: 'customresourcedefinitions' } as const;
const CONTROLLER = { name: 'system:serviceaccount:kube-system:crd-controller', groups: [] } as const;

interface Options {
  registry: ApiRegistry;
  storage: KubeStorage;
  /** Ends serving; the returned promise resolves then. */
  signal: AbortSignal;
  /** RFC 3339 in seconds. */
  now(): string;
  /** Told of a definition that cannot be served; it gets condition Established=False with the same words. */
  onRefused?(name: string, reason: string): void;
}

/**
 * Serves every CustomResourceDefinition in the store, as it comes, changes and goes, and writes its conditions
 * (NamesAccepted, Established). Resolves when the signal aborts.
 */
export async function serveCrds(options: Options): Promise<void> {
  const { storage, signal } = options;
  const served = new Map<string, readonly ApiResource[]>();
  const { items, resourceVersion } = await storage.list(CRDS, {});
  for (const crd of items) await serve(options, served, crd);
  for await (const event of storage.watch(CRDS, { resourceVersion, signal })) {
    if (event.type === 'DELETED') await withdraw(options, served, event.object.metadata.name);
    else await serve(options, served, event.object);
  }
}

async function serve(options: Options, served: Map<string, readonly ApiResource[]>, crd: KubeObject): Promise<void> {
  const { name } = crd.metadata;
  try {
    const resources = resourcesOfCrd(crd);
    const stale = (served.get(name) ?? []).filter((old) => !resources.some(({ version }) => version === old.version));
    for (const { group, version, plural } of stale) options.registry.unregister(group, version, plural);
    for (const resource of resources) options.registry.register(resource);
    served.set(name, resources);
    await writeStatus(options, crd, establishedStatus(crd, options.now()));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    options.onRefused?.(name, reason);
    await writeStatus(options, crd, refusedStatus(crd, reason, options.now()));
  }
}

/** The objects of a kind go with its definition; those with finalizers are marked and wait for them. */
async function withdraw({ registry, storage }: Options, served: Map<string, readonly ApiResource[]>, name: string): Promise<void> {
  const resources = served.get(name) ?? [];
  served.delete(name);
  for (const { group, version, plural } of resources) registry.unregister(group, version, plural);
  const [first] = resources;
  if (!first) return;
  const resource = { group: first.group, resource: first.plural };
  const { items } = await storage.list(resource, {});
  for (const { metadata } of items) await storage.delete(resource, metadata.namespace ?? '', metadata.name, {}, CONTROLLER);
}

/** A conflict needs no second attempt: the write that won brings another event. */
async function writeStatus({ storage }: Options, crd: KubeObject, status: Record<string, unknown> | undefined): Promise<void> {
  if (!status) return;
  try {
    await storage.update(CRDS, { ...crd, status }, CONTROLLER, 'status');
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
}

function establishedStatus(crd: KubeObject, now: string): Record<string, unknown> | undefined {
  if (conditionOf(crd, 'Established') === 'True') return undefined;
  const spec = isObject(crd.spec) ? crd.spec : {};
  return {
    conditions: [
      condition('NamesAccepted', 'True', 'NoConflicts', 'no conflicts found', now),
      condition('Established', 'True', 'InitialNamesAccepted', 'the initial names have been accepted', now),
    ],
    acceptedNames: spec.names,
    storedVersions: storedVersions(spec),
  };
}

function refusedStatus(crd: KubeObject, reason: string, now: string): Record<string, unknown> | undefined {
  if (conditionOf(crd, 'Established') === 'False') return undefined;
  return { conditions: [condition('Established', 'False', 'NotServable', reason, now)], storedVersions: [] };
}

function conditionOf(crd: KubeObject, type: string): unknown {
  const conditions = isObject(crd.status) && Array.isArray(crd.status.conditions) ? crd.status.conditions.filter(isObject) : [];
  return conditions.find((known) => known.type === type)?.status;
}

function storedVersions(spec: Record<string, unknown>): unknown[] {
  return (Array.isArray(spec.versions) ? spec.versions.filter(isObject) : [])
    .filter(({ storage }) => storage === true)
    .map(({ name }) => name);
}

function condition(type: string, status: string, reason: string, message: string, lastTransitionTime: string) {
  return { type, status, lastTransitionTime, reason, message };
}
