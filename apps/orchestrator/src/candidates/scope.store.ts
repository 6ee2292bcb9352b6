import type { GroupKind, Scope } from './kind-scope.js';

/** What a CustomResourceDefinition says of the kind it defines. */
export interface ScopeClaim extends GroupKind {
  scope: Scope;
}

/** Which bundles define which kinds, so that a definition released by one application speaks for the objects of another. */
export abstract class ScopeStore {
  /** Remembers what a bundle defines; for a day at least, and as long as a release names the bundle. */
  abstract record(bundle: string, claims: readonly ScopeClaim[], now: number): Promise<void>;
  /** What the bundles assigned to these clusters say of these kinds; clusters of which nothing is known are absent. */
  abstract assigned(clusters: readonly string[], kinds: readonly GroupKind[]): Promise<Map<string, ScopeClaim[]>>;
}
