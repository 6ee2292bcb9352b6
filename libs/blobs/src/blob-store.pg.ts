import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { Digest } from '@flotilla/kernel';
import type { Keyring } from '@flotilla/keyring';
import type { Database, Row, SqlRunner } from '@flotilla/persistence';
import { type Blob, BlobStore } from './blob-store.js';
import { checkBlob, inOrder, MAX_BLOB_BYTES } from './check-blob.js';

/** Rows and bytes per statement. */
const BATCH_ROWS = 1_000;
const BATCH_BYTES = 8 * 1024 * 1024;
const MARK_ROWS = 5_000;
/** A blob that is put or asked for again counts as new, but at most once in this time, far below any grace. */
const TOUCH_AFTER = `interval '1 hour'`;

interface BlobRow extends Row {
  digest: Digest;
  is_sealed: boolean;
  content: Buffer;
}

/** The store over PostgreSQL: plain blobs rest as zstd frames, sealed ones as sealed text of such a frame. */
export class PgBlobStore extends BlobStore {
  readonly #database: Database;
  readonly #keyring: Keyring;

  constructor(database: Database, keyring: Keyring) {
    super();
    this.#database = database;
    this.#keyring = keyring;
  }

  override async put(blobs: readonly Blob[]): Promise<void> {
    for (const blob of blobs) checkBlob(blob);
    const absent = new Set(await this.missing(blobs.map(({ digest }) => digest)));
    for (const batch of batches(inOrder(blobs.filter(({ digest }) => absent.has(digest))))) {
      await this.#database.query(
        `INSERT INTO blobs.blobs (digest, is_sealed, content)
         SELECT decode(digest, 'hex'), is_sealed, content FROM unnest($1::text[], $2::boolean[], $3::bytea[]) AS t (digest, is_sealed, content)
         ON CONFLICT (digest) DO NOTHING`,
        [batch.map(({ digest }) => digest), batch.map(({ sealed }) => sealed), batch.map((blob) => this.#rest(blob))],
      );
    }
  }

  override async get(digests: readonly Digest[]): Promise<Blob[]> {
    const rows = await this.#read(digests, '');
    return rows.map(({ digest, is_sealed: sealed, content }) => ({ digest, sealed, bytes: this.#open(digest, sealed, content) }));
  }

  override async getCompressed(digests: readonly Digest[]): Promise<{ digest: Digest; frame: Uint8Array }[]> {
    const rows = await this.#read(digests, 'AND NOT is_sealed');
    return rows.map(({ digest, content }) => ({ digest, frame: content }));
  }

  /** What is found counts as new: whoever asks is about to name it, and must not lose it to a sweep before that. */
  override async missing(digests: readonly Digest[]): Promise<Digest[]> {
    const missing: Digest[] = [];
    const asked = [...new Set(digests)].sort();
    for (let i = 0; i < asked.length; i += MARK_ROWS) {
      const chunk = asked.slice(i, i + MARK_ROWS);
      const rows = await this.#database.query<{ digest: Digest }>(
        `WITH asked AS (SELECT decode(hex, 'hex') AS digest FROM unnest($1::text[]) AS hex),
         old AS MATERIALIZED (
           SELECT digest FROM blobs.blobs WHERE digest IN (SELECT digest FROM asked) AND used_at < now() - ${TOUCH_AFTER}
           ORDER BY digest FOR UPDATE),
         touched AS (
           UPDATE blobs.blobs b SET used_at = clock_timestamp() FROM old WHERE b.digest = old.digest RETURNING b.digest)
         SELECT encode(digest, 'hex') AS digest FROM touched
         UNION
         SELECT encode(digest, 'hex') FROM blobs.blobs
           WHERE digest IN (SELECT digest FROM asked) AND used_at >= now() - ${TOUCH_AFTER}`,
        [chunk],
      );
      const found = new Set(rows.map(({ digest }) => digest));
      missing.push(...chunk.filter((digest) => !found.has(digest)));
    }
    return missing;
  }

  /** All or nothing: when `live` breaks off nothing is dropped, and nothing either when it names no blob at all. */
  override async sweep(live: AsyncIterable<Digest>, graceMs: number): Promise<number> {
    return this.#database.transaction(async (sql) => {
      await sql.query('SET LOCAL statement_timeout = 0; CREATE TEMPORARY TABLE live (digest bytea PRIMARY KEY) ON COMMIT DROP');
      if ((await mark(sql, live)) === 0) return 0;
      await sql.query('ANALYZE live');
      // now() is the beginning of this transaction: what was put while `live` was read is younger.
      const dropped = await sql.query(
        `DELETE FROM blobs.blobs b WHERE b.used_at <= now() - $1 * interval '1 millisecond'
           AND NOT EXISTS (SELECT 1 FROM live WHERE live.digest = b.digest) RETURNING 1`,
        [graceMs],
      );
      return dropped.length;
    });
  }

  async #read(digests: readonly Digest[], condition: string): Promise<BlobRow[]> {
    const rows: BlobRow[] = [];
    for (let i = 0; i < digests.length; i += BATCH_ROWS) {
      const found = await this.#database.query<BlobRow>(
        `SELECT encode(digest, 'hex') AS digest, is_sealed, content FROM blobs.blobs
         WHERE digest IN (SELECT decode(hex, 'hex') FROM unnest($1::text[]) AS hex) ${condition}`,
        [digests.slice(i, i + BATCH_ROWS)],
      );
      rows.push(...found);
    }
    return rows;
  }

  #rest({ digest, bytes, sealed }: Blob): Uint8Array {
    const frame = zstdCompressSync(bytes);
    return sealed ? Buffer.from(this.#keyring.seal(frame, contextOf(digest)), 'latin1') : frame;
  }

  #open(digest: Digest, sealed: boolean, content: Buffer): Uint8Array {
    const frame = sealed ? this.#keyring.open(content.toString('latin1'), contextOf(digest)) : content;
    return zstdDecompressSync(frame, { maxOutputLength: MAX_BLOB_BYTES });
  }
}

/** A sealed blob opens under its own name only. */
function contextOf(digest: Digest): Record<string, string> {
  return { purpose: 'blob', digest };
}

async function mark(sql: SqlRunner, live: AsyncIterable<Digest>): Promise<number> {
  let count = 0;
  let batch: Digest[] = [];
  const flush = async () => {
    await sql.query(`INSERT INTO live SELECT decode(hex, 'hex') FROM unnest($1::text[]) AS hex ON CONFLICT DO NOTHING`, [batch]);
    count += batch.length;
    batch = [];
  };
  for await (const digest of live) {
    batch.push(digest);
    if (batch.length === MARK_ROWS) await flush();
  }
  if (batch.length > 0) await flush();
  return count;
}

function* batches(blobs: readonly Blob[]): Generator<Blob[]> {
  let batch: Blob[] = [];
  let bytes = 0;
  for (const blob of blobs) {
    if (batch.length === BATCH_ROWS || (batch.length > 0 && bytes + blob.bytes.length > BATCH_BYTES)) {
      yield batch;
      batch = [];
      bytes = 0;
    }
    batch.push(blob);
    bytes += blob.bytes.length;
  }
  if (batch.length > 0) yield batch;
}
