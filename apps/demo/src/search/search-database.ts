import type { Database, SqlRunner } from '@flotilla/persistence';
import type { Search } from './search.js';

const PAGE_ROWS = 500;

interface Table {
  schema: string;
  name: string;
  /** Columns of raw bytes. */
  binary: string[];
  [column: string]: unknown;
}

/** Looks into every row of every table and materialized view: all columns as text, and those of bytes also as they are. */
export async function searchDatabase(search: Search, database: Database): Promise<{ tables: number; rows: number }> {
  const tables = await database.query<Table>(
    `SELECT n.nspname AS schema, c.relname AS name, COALESCE(
       (SELECT json_agg(a.attname ORDER BY a.attnum) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = 'bytea'::regtype), '[]') AS binary
     FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_temp%'
     ORDER BY 1, 2`,
  );
  let rows = 0;
  for (const table of tables) rows += await database.transaction((sql) => searchTable(search, sql, table));
  return { tables: tables.length, rows };
}

async function searchTable(search: Search, sql: SqlRunner, { schema, name, binary }: Table): Promise<number> {
  const columns = ['t::text AS row_text', ...binary.map((column, i) => `t.${quote(column)} AS bytes_${i}`)];
  await sql.query(`DECLARE dump NO SCROLL CURSOR FOR SELECT ${columns.join(', ')} FROM ${quote(schema)}.${quote(name)} t`);
  let rows = 0;
  for (;;) {
    const page = await sql.query<{ row_text: string }>(`FETCH ${PAGE_ROWS} FROM dump`);
    if (page.length === 0) return rows;
    rows += page.length;
    search.look(`table ${schema}.${name}`, page.map(({ row_text }) => row_text).join('\n'));
    for (const bytes of page.flatMap((row) => Object.values(row)).filter((value) => Buffer.isBuffer(value)))
      search.look(`table ${schema}.${name}`, bytes);
  }
}

const quote = (identifier: string): string => `"${identifier.replaceAll('"', '""')}"`;
