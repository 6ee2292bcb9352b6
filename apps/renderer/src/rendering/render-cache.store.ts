/** A warning condition of a render. */
export interface RenderCondition {
  type: string;
  message: string;
}

/** What a render came to; its bundle is in the blob store. */
export interface CachedRender {
  renderKey: string;
  bundle: string;
  objects: number;
  conditions: RenderCondition[];
}

/** Results by render key: the first one stays, whatever a later run gives. */
export abstract class RenderCacheStore {
  abstract get(keys: readonly string[]): Promise<CachedRender[]>;
  /** Stores a result unless the key has one, and returns the one that holds. */
  abstract keepFirst(render: CachedRender): Promise<CachedRender>;
  /** Adds a condition to a stored result, once per type. */
  abstract addCondition(renderKey: string, condition: RenderCondition): Promise<void>;
  /** Forgets a result whose bundle is no longer stored. */
  abstract forget(renderKey: string): Promise<void>;
  /** Drops results nobody asked for since `before` (ms since the epoch); returns how many. */
  abstract dropUnused(before: number): Promise<number>;
}
