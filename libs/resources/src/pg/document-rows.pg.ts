import type { ResourceDocument } from '@flotilla/contracts';
import { InvalidInputError } from '@flotilla/kernel';
import type { SqlRunner } from '@flotilla/persistence';
import { type ContinueToken, readContinue } from '../document/continue-token.js';
import { keyText } from '../document/document-key.js';
import { pageOf } from '../document/page-of.js';
import type { StoredDocument } from '../document/stage-write.js';
import type { ListOptions, ListResult, ResourceKey } from '../resource-store.js';
import type { DocumentRows } from '../transaction/document-rows.js';
import { FIRST_RV } from './clock.pg.js';
import { DOCUMENT_COLUMNS, DOCUMENT_SOURCE, type DocumentRow, storedOf } from './document-codec.js';
import { listAsOf } from './past-documents.pg.js';
import { SqlParameters, selectionSql } from './selection-sql.pg.js';

/** Documents as they are, over one connection or the pool. */
export class PgDocumentRows implements DocumentRows {
  readonly #sql: SqlRunner;

  constructor(sql: SqlRunner) {
    this.#sql = sql;
  }

  async load(keys: readonly ResourceKey[], lock: boolean): Promise<(StoredDocument | undefined)[]> {
    const rows = await this.#sql.query<DocumentRow>(
      `SELECT ${DOCUMENT_COLUMNS}
       FROM unnest($1::text[], $2::text[], $3::text[]) AS k (kind, namespace, name)
       JOIN resources.documents d ON d.kind = k.kind AND d.namespace = k.namespace AND d.name = k.name
       LEFT JOIN resources.application_status s ON s.uid = d.uid
       ORDER BY d.kind, d.namespace, d.name ${lock ? 'FOR UPDATE OF d' : ''}`,
      [keys.map(({ kind }) => kind), keys.map(({ namespace }) => namespace), keys.map(({ name }) => name)],
    );
    const found = new Map(rows.map((row) => [keyText(row), storedOf(row)]));
    return keys.map((key) => found.get(keyText(key)));
  }

  async list(kind: string, options: ListOptions): Promise<ListResult> {
    const { limit } = options;
    if (limit !== undefined && !(Number.isInteger(limit) && limit > 0))
      throw new InvalidInputError(`limit ${limit} is not a positive number`);
    const from = options.continue === undefined ? undefined : readContinue(options.continue);
    return options.asOf === undefined ? this.#listNow(kind, options, from) : listAsOf(this.#sql, kind, options, from);
  }

  async dependentsOf(uid: string): Promise<ResourceKey[]> {
    return this.#sql.query<ResourceKey & { [column: string]: unknown }>(
      'SELECT kind, namespace, name FROM resources.documents WHERE owners ? $1',
      [uid],
    );
  }

  /** One statement, so that the clock and the rows are of one snapshot. Later pages carry the first one's rv: a watch from it repeats what they already show. */
  async #listNow(kind: string, options: ListOptions, from: ContinueToken | undefined): Promise<ListResult> {
    const parameters = new SqlParameters();
    const conditions = selectionSql(kind, options, parameters);
    if (from) conditions.push(`(d.namespace, d.name) > (${parameters.add(from.namespace)}, ${parameters.add(from.name)})`);
    const { limit } = options;
    const rows = await this.#sql.query<DocumentRow & { head: string }>(
      `SELECT head.rv AS head, page.* FROM (
         SELECT coalesce((SELECT rv FROM resources.clock WHERE kind = $1), ${FIRST_RV}) AS rv) head
       LEFT JOIN LATERAL (
         SELECT ${DOCUMENT_COLUMNS} FROM ${DOCUMENT_SOURCE} WHERE ${conditions.join(' AND ')}
         ORDER BY d.namespace, d.name ${limit === undefined ? '' : `LIMIT ${limit + 1}`}) page ON true
       ORDER BY page.namespace, page.name`,
      parameters.values,
    );
    const rv = from?.rv ?? Number(rows[0]?.head ?? FIRST_RV);
    const found = rows.filter((row) => row.name !== null);
    const result = pageOf(found.map(storedOf), rv, limit);
    if (result.continue !== undefined && !options.labels?.length && !options.fields?.length) {
      result.remaining = await this.#countAfter(kind, options.namespace, result.items.at(-1)!);
    }
    return result;
  }

  async #countAfter(kind: string, namespace: string | undefined, last: ResourceDocument): Promise<number> {
    const [row] = await this.#sql.query<{ count: string }>(
      `SELECT count(*) AS count FROM resources.documents
       WHERE kind = $1 AND ($2::text IS NULL OR namespace = $2) AND (namespace, name) > ($3, $4)`,
      [kind, namespace ?? null, last.metadata.namespace ?? '', last.metadata.name],
    );
    return Number(row?.count ?? 0);
  }
}
