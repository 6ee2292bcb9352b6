import { type CachedRender, RenderCacheStore, type RenderCondition } from './render-cache.store.js';

export class FakeRenderCacheStore extends RenderCacheStore {
  readonly #now: () => number;
  readonly #rows = new Map<string, { render: CachedRender; usedAt: number }>();

  constructor(now: () => number = Date.now) {
    super();
    this.#now = now;
  }

  async get(keys: readonly string[]): Promise<CachedRender[]> {
    return keys.flatMap((key) => {
      const row = this.#rows.get(key);
      if (!row) return [];
      row.usedAt = this.#now();
      return [structuredClone(row.render)];
    });
  }

  async keepFirst(render: CachedRender): Promise<CachedRender> {
    const row = this.#rows.get(render.renderKey) ?? { render: structuredClone(render), usedAt: this.#now() };
    this.#rows.set(render.renderKey, row);
    return structuredClone(row.render);
  }

  async addCondition(renderKey: string, condition: RenderCondition): Promise<void> {
    const conditions = this.#rows.get(renderKey)?.render.conditions;
    if (conditions && !conditions.some(({ type }) => type === condition.type)) conditions.push(condition);
  }

  async forget(renderKey: string): Promise<void> {
    this.#rows.delete(renderKey);
  }

  async dropUnused(before: number): Promise<number> {
    const unused = [...this.#rows].filter(([, { usedAt }]) => usedAt < before);
    for (const [key] of unused) this.#rows.delete(key);
    return unused.length;
  }
}
