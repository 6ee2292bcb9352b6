import { setTimeout as delay } from 'node:timers/promises';
import { apiVersionOf, kindDefinition, type OwnerReference, type ResourceDocument } from '@flotilla/contracts';
import type { Database, SqlRunner } from '@flotilla/persistence';
import { ConsumerCursors } from './pg/consumer-cursors.pg.js';
import { Doorbell } from './pg/doorbell.js';
import type { ResourceKey, ResourceStore, ResourceTransaction } from './resource-store.js';

const CONSUMER = 'owner-collector';
const CONTEXT = { actor: 'service:owner-collector' };
/** Deletions read per step, and dependents handled per transaction. */
const PAGE = 500;
const DEFAULT_INTERVAL_MS = 1_000;
/** Between two passes, however often it is woken: each asks for every kind that moved. */
const REST_MS = 200;

export interface OwnerCollectorOptions {
  store: ResourceStore;
  database: Database;
  /** Between passes without a `wake`. Default 1,000. */
  intervalMs?: number;
  onError?: (error: unknown) => void;
}

/**
 * Deletes dependents whose every owner is gone. The log of deletions only says where to look; whether an owner is gone
 * is read from the documents in the transaction that deletes. An owner of a kind that this store does not hold is
 * never known to be gone. Several copies may run: a second deletion finds nothing.
 */
export class OwnerCollector {
  readonly #options: OwnerCollectorOptions;
  readonly #cursors: ConsumerCursors;
  readonly #doorbell = new Doorbell();

  constructor(options: OwnerCollectorOptions) {
    this.#options = options;
    this.#cursors = new ConsumerCursors(options.database);
  }

  /** Looks now: something was deleted. */
  wake(): void {
    this.#doorbell.ring();
  }

  /** Passes until the signal aborts. */
  async run(signal: AbortSignal): Promise<void> {
    signal.addEventListener('abort', () => this.wake(), { once: true });
    while (!signal.aborted) {
      const deleted = await this.collect().catch((error: unknown) => {
        this.#options.onError?.(error);
        return 0;
      });
      // What was deleted may itself own something.
      if (deleted > 0) continue;
      await delay(REST_MS, undefined, { signal, ref: false }).catch(() => undefined);
      await this.#doorbell.wait(this.#options.intervalMs ?? DEFAULT_INTERVAL_MS);
    }
  }

  /** One pass over what was deleted since the last one; how many dependents it deleted. */
  async collect(): Promise<number> {
    const { database } = this.#options;
    const moved = await database.query<{ kind: string; rv: string; floor_rv: string; cursor: string | null }>(
      `SELECT clock.kind, clock.rv, clock.floor_rv, seen.rv AS cursor
       FROM resources.clock LEFT JOIN resources.cursors seen ON seen.consumer = $1 AND seen.kind = clock.kind
       WHERE seen.rv IS DISTINCT FROM clock.rv ORDER BY clock.kind`,
      [CONSUMER],
    );
    let deleted = 0;
    for (const { kind, rv, floor_rv: floor, cursor } of moved) {
      // The first time, and after a pause longer than the log's retention, everything that is owned is looked at.
      if (cursor === null || Number(cursor) < Number(floor)) deleted += await this.#sweep();
      else deleted += await this.#follow(kind, cursor, rv);
      await this.#cursors.advance(CONSUMER, kind, rv);
    }
    return deleted;
  }

  async #follow(kind: string, from: string, to: string): Promise<number> {
    let deleted = 0;
    for (let after: string | undefined = from; after !== undefined; ) {
      const gone: { uid: string; rv: string }[] = await this.#options.database.query(
        `SELECT uid, rv FROM resources.changes WHERE kind = $1 AND type = 'DELETED' AND rv > $2 AND rv <= $3 ORDER BY rv LIMIT ${PAGE}`,
        [kind, after, to],
      );
      if (gone.length > 0) deleted += await this.#dependents('d.owners ?| $2::text[]', [gone.map(({ uid }) => uid)]);
      after = gone.length === PAGE ? gone.at(-1)?.rv : undefined;
    }
    return deleted;
  }

  #sweep(): Promise<number> {
    return this.#dependents(`d.owners <> '[]'`, []);
  }

  async #dependents(condition: string, parameters: readonly unknown[]): Promise<number> {
    let deleted = 0;
    for (let after: string | undefined = ''; after !== undefined; ) {
      const found: (ResourceKey & { uid: string; [column: string]: unknown })[] = await this.#options.database.query(
        `SELECT d.kind, d.namespace, d.name, d.uid FROM resources.documents d WHERE d.uid > $1 AND ${condition} ORDER BY d.uid LIMIT ${PAGE}`,
        [after, ...parameters],
      );
      if (found.length > 0) deleted += await this.#options.store.transaction(CONTEXT, (tx) => deleteUnowned(tx, found));
      after = found.length === PAGE ? found.at(-1)?.uid : undefined;
    }
    return deleted;
  }
}

async function deleteUnowned(tx: ResourceTransaction, keys: readonly ResourceKey[]): Promise<number> {
  const documents = (await Promise.all(keys.map(({ kind, namespace, name }) => tx.getForUpdate({ kind, namespace, name })))).filter(
    (document): document is ResourceDocument => document !== undefined && document.metadata.deletionTimestamp === undefined,
  );
  const living = await livingOf(
    tx.sql,
    documents.flatMap((document) => ownersOf(document).map(({ uid }) => uid)),
  );
  const unowned = documents.filter((document) => {
    const owners = ownersOf(document);
    return owners.length > 0 && owners.every((owner) => isHeldHere(owner) && !living.has(owner.uid));
  });
  await Promise.all(
    unowned.map(({ kind, metadata: { namespace = '', name, uid } }) => tx.delete({ kind, namespace, name }, uid ? { uid } : {})),
  );
  return unowned.length;
}

async function livingOf(sql: SqlRunner, uids: readonly string[]): Promise<Set<string>> {
  if (uids.length === 0) return new Set();
  const rows = await sql.query<{ uid: string }>('SELECT uid FROM resources.documents WHERE uid = ANY($1)', [[...new Set(uids)]]);
  return new Set(rows.map(({ uid }) => uid));
}

function ownersOf(document: ResourceDocument): readonly OwnerReference[] {
  return document.metadata.ownerReferences ?? [];
}

function isHeldHere({ kind, apiVersion }: OwnerReference): boolean {
  const definition = kindDefinition(kind);
  return definition !== undefined && apiVersionOf(definition) === apiVersion;
}
