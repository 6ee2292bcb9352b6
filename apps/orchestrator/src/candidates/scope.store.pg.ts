import type { Database } from '@flotilla/persistence';
import { type GroupKind, kindKey, type Scope } from './kind-scope.js';
import { type ScopeClaim, ScopeStore } from './scope.store.js';

/** A row that is in use is refreshed this often, well within the day it is kept. */
const REFRESH_MS = 3_600_000;

export class PgScopeStore extends ScopeStore {
  readonly #database: Database;

  constructor(database: Database) {
    super();
    this.#database = database;
  }

  override async record(bundle: string, claims: readonly ScopeClaim[], now: number): Promise<void> {
    if (claims.length === 0) return;
    await this.#database.query(
      `INSERT INTO orchestrator.defined_kinds AS k (bundle, api_group, kind, scope, seen_at)
       SELECT $1, t.api_group, t.kind, t.scope, $2 FROM unnest($3::text[], $4::text[], $5::text[]) AS t (api_group, kind, scope)
       ON CONFLICT (bundle, api_group, kind, scope) DO UPDATE SET seen_at = excluded.seen_at WHERE k.seen_at < excluded.seen_at - ${REFRESH_MS}`,
      [bundle, now, claims.map(({ group }) => group), claims.map(({ kind }) => kind), claims.map(({ scope }) => scope)],
    );
  }

  override async assigned(clusters: readonly string[], kinds: readonly GroupKind[]): Promise<Map<string, ScopeClaim[]>> {
    const found = new Map<string, ScopeClaim[]>();
    if (clusters.length === 0 || kinds.length === 0) return found;
    const rows = await this.#database.query<{ cluster: string; api_group: string; kind: string; scope: Scope }>(
      `SELECT DISTINCT a.cluster, k.api_group, k.kind, k.scope FROM orchestrator.defined_kinds k
       JOIN orchestrator.assignments a ON a.content->>'bundle' = k.bundle
       WHERE a.cluster = ANY($1) AND k.api_group || '/' || k.kind = ANY($2)`,
      [clusters, kinds.map(kindKey)],
    );
    for (const { cluster, api_group: group, kind, scope } of rows) {
      const claims = found.get(cluster);
      if (claims) claims.push({ group, kind, scope });
      else found.set(cluster, [{ group, kind, scope }]);
    }
    return found;
  }
}
