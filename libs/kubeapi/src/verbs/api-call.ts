import type { Clock, RandomBytes } from '@flotilla/kernel';
import type { ApiRegistry } from '../api/api-registry.js';
import type { ApiResource } from '../api/api-resource.js';
import type { Authorizer } from '../api/authorizer.js';
import type { PatchEngine } from '../api/patch-engine.js';
import type { ApiRequest } from '../http/api-request.js';
import type { KubeStorage } from '../storage.js';

/** Bounds of one server. */
export interface ApiLimits {
  maxBodyBytes: number;
  /** Open watches over all resources; over it a watch is answered 429. */
  maxWatchers: number;
  /** Items of one page when the client asks for no limit or a larger one; the rest comes by `continue` if asked, else whole. */
  maxPageItems: number;
  /** For anything but a watch. */
  requestTimeoutMs: number;
  /** A watch without `timeoutSeconds` ends after this long up to twice as long. */
  watchTimeoutMs: number;
  bookmarkIntervalMs: number;
}

/** What every verb needs of its server. */
export interface ApiServices {
  registry: ApiRegistry;
  storage: KubeStorage;
  engine: PatchEngine;
  authorizer: Authorizer;
  clock: Clock;
  random: RandomBytes;
  limits: ApiLimits;
  /** Whether a namespace may receive new objects. */
  namespaceExists(name: string): boolean | Promise<boolean>;
}

/** One request to one resource. */
export interface ApiCall {
  services: ApiServices;
  resource: ApiResource;
  /** `''` for cluster-scoped resources and for all namespaces. */
  namespace: string;
  name: string;
  subresource: string;
  request: ApiRequest;
}

export function groupResourceOf({ resource }: ApiCall): { group: string; resource: string } {
  return { group: resource.group, resource: resource.plural };
}

/** Now in RFC 3339 with seconds, as Kubernetes writes times. */
export function nowOf({ services }: ApiCall): string {
  return `${new Date(services.clock.now()).toISOString().slice(0, 19)}Z`;
}
