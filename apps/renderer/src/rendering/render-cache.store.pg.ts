import type { Database, Row } from '@flotilla/persistence';
import { type CachedRender, RenderCacheStore, type RenderCondition } from './render-cache.store.js';

interface RenderRow extends Row {
  render_key: string;
  bundle: string;
  objects: number;
  conditions: RenderCondition[];
}

const COLUMNS = 'render_key, bundle, objects, conditions';

export class PgRenderCacheStore extends RenderCacheStore {
  readonly #database: Database;

  constructor(database: Database) {
    super();
    this.#database = database;
  }

  async get(keys: readonly string[]): Promise<CachedRender[]> {
    const rows = await this.#database.query<RenderRow>(`SELECT ${COLUMNS} FROM renderer.renders WHERE render_key = ANY($1)`, [keys]);
    // An hour's grain is fine enough for dropping, and spares a write per read.
    await this.#database.query(
      `UPDATE renderer.renders SET used_at = now() WHERE render_key = ANY($1) AND used_at < now() - interval '1 hour'`,
      [keys],
    );
    return rows.map(fromRow);
  }

  async keepFirst({ renderKey, bundle, objects, conditions }: CachedRender): Promise<CachedRender> {
    await this.#database.query(
      'INSERT INTO renderer.renders (render_key, bundle, objects, conditions) VALUES ($1, $2, $3, $4) ON CONFLICT (render_key) DO NOTHING',
      [renderKey, bundle, objects, JSON.stringify(conditions)],
    );
    const [row] = await this.#database.query<RenderRow>(`SELECT ${COLUMNS} FROM renderer.renders WHERE render_key = $1`, [renderKey]);
    return row ? fromRow(row) : { renderKey, bundle, objects, conditions };
  }

  async addCondition(renderKey: string, condition: RenderCondition): Promise<void> {
    await this.#database.query(
      `UPDATE renderer.renders SET conditions = conditions || jsonb_build_array($2::jsonb)
       WHERE render_key = $1 AND NOT conditions @> jsonb_build_array(jsonb_build_object('type', $3::text))`,
      [renderKey, JSON.stringify(condition), condition.type],
    );
  }

  async forget(renderKey: string): Promise<void> {
    await this.#database.query('DELETE FROM renderer.renders WHERE render_key = $1', [renderKey]);
  }

  async dropUnused(before: number): Promise<number> {
    const rows = await this.#database.query('DELETE FROM renderer.renders WHERE used_at < to_timestamp($1 / 1000.0) RETURNING render_key', [
      before,
    ]);
    return rows.length;
  }
}

function fromRow({ render_key, bundle, objects, conditions }: RenderRow): CachedRender {
  return { renderKey: render_key, bundle, objects, conditions };
}
