import { digestBytes, InvalidInputError } from '@flotilla/kernel';
import type { Database, SchemaMigrations, SqlRunner } from './database.js';

/**
 * Brings a schema up to date: creates it, then runs what it has not yet run, in order, each in a transaction of its
 * own. Processes that start together take turns by an advisory lock per schema.
 *
 * @throws InvalidInputError when the text of an applied migration changed, or the database is ahead of this program
 */
export async function migrate(database: Database, { schema, migrations }: SchemaMigrations): Promise<void> {
  if (!/^[a-z][a-z0-9_]{0,62}$/.test(schema)) throw new InvalidInputError(`${JSON.stringify(schema)} is not a schema name`);
  for (let hasMore = true; hasMore; ) {
    hasMore = await database.transaction((tx) => applyNext(tx, { schema, migrations }));
  }
}

/** Applies at most one migration; whether another may follow. */
async function applyNext(tx: SqlRunner, { schema, migrations }: SchemaMigrations): Promise<boolean> {
  // Creating indexes on full tables may take longer than any statement of daily work.
  await tx.query('SET LOCAL statement_timeout = 0');
  await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`flotilla:migrate:${schema}`]);
  const applied = await readApplied(tx, schema);
  for (const [i, { name, sql }] of migrations.entries()) {
    const earlier = applied[i];
    if (earlier === undefined) {
      await tx.query(sql);
      await tx.query(`INSERT INTO ${schema}.migrations (position, name, digest) VALUES ($1, $2, $3)`, [i, name, digestBytes(sql)]);
      return true;
    }
    if (earlier.name !== name || earlier.digest !== digestBytes(sql)) {
      throw new InvalidInputError(
        `migration ${i} of schema ${schema} was applied as ${earlier.name} with another text than ${name} has now; add a new migration instead of changing one`,
        { schema, applied: earlier.name, given: name },
      );
    }
  }
  if (applied.length > migrations.length) {
    throw new InvalidInputError(
      `schema ${schema} has ${applied.length} migrations applied and this program knows ${migrations.length}; run the newer version that applied them`,
      { schema },
    );
  }
  return false;
}

async function readApplied(tx: SqlRunner, schema: string): Promise<{ name: string; digest: string }[]> {
  const [found] = await tx.query(`SELECT to_regclass($1) AS id`, [`${schema}.migrations`]);
  if (found?.id) return tx.query(`SELECT name, digest FROM ${schema}.migrations ORDER BY position`);
  await tx.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  await tx.query(
    `CREATE TABLE ${schema}.migrations (
       position int PRIMARY KEY, name text NOT NULL UNIQUE, digest text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
  );
  return [];
}
