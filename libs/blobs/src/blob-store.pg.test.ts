import { InvalidInputError } from '@flotilla/kernel';
import { Keyring, type SealingContext } from '@flotilla/keyring';
import { type Database, migrate, openDatabase } from '@flotilla/persistence';
import { testDatabase } from '@flotilla/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { describeBlobStore, naming, plainBlob, sealedBlob } from './blob-store.contract.js';
import { PgBlobStore } from './blob-store.pg.js';
import { blobsMigrations } from './blobs-migrations.js';

/** Reversible and bound to its context; nothing about it is secret. */
class MirrorKeyring extends Keyring {
  override readonly signingKey = '';

  override seal(plaintext: Uint8Array, context: SealingContext): string {
    return `v1.${JSON.stringify(context)}.${Buffer.from(plaintext).reverse().toString('base64url')}`;
  }

  override open(sealed: string, context: SealingContext): Uint8Array {
    const prefix = `v1.${JSON.stringify(context)}.`;
    if (!sealed.startsWith(prefix)) throw new InvalidInputError('sealed for something else');
    return Buffer.from(sealed.slice(prefix.length), 'base64url').reverse();
  }

  override hmac(): string {
    return '';
  }

  override sign(): string {
    return '';
  }
}

let database: Database;
let drop: () => Promise<void>;

beforeAll(async () => {
  const fresh = await testDatabase();
  drop = fresh.drop;
  database = openDatabase({ url: fresh.url, maxConnections: 8, applicationName: 'test' });
  await migrate(database, blobsMigrations);
});

afterAll(async () => {
  await database.close();
  await drop();
});

const emptyStore = async () => {
  await database.query('TRUNCATE blobs.blobs');
  return new PgBlobStore(database, new MirrorKeyring());
};

describeBlobStore(emptyStore);

describe('a blob store over PostgreSQL', () => {
  it('keeps sealed content sealed, bound to its digest', async () => {
    const store = await emptyStore();
    const [one, other] = [sealedBlob('the first secret'), sealedBlob('the second secret')];
    await store.put([one, other]);
    const [row] = await database.query<{ content: Buffer }>(`SELECT content FROM blobs.blobs WHERE digest = decode($1, 'hex')`, [
      one.digest,
    ]);
    expect(row?.content.toString('latin1')).toMatch(/^v1\./);
    await database.query(
      `UPDATE blobs.blobs SET content = (SELECT content FROM blobs.blobs WHERE digest = decode($1, 'hex')) WHERE digest = decode($2, 'hex')`,
      [other.digest, one.digest],
    );
    await expect(store.get([one.digest])).rejects.toMatchObject({ code: 'invalid' });
  });

  it('counts an old blob that is put or asked for again as new', async () => {
    const store = await emptyStore();
    const [live, again, asked, old] = [plainBlob('live'), plainBlob('again'), plainBlob('asked'), plainBlob('old')];
    await store.put([live, again, asked, old]);
    await database.query(`UPDATE blobs.blobs SET used_at = now() - interval '2 days'`);
    await store.put([again]);
    await store.missing([asked.digest]);
    expect(await store.sweep(naming(live), 24 * 3_600_000)).toBe(1);
    expect(await store.missing([live, again, asked, old].map(({ digest }) => digest))).toEqual([old.digest]);
  });

  it('stores thousands in a few statements', async () => {
    const store = await emptyStore();
    const blobs = Array.from({ length: 2_500 }, (_, i) => plainBlob(`{"kind":"ConfigMap","metadata":{"name":"c${i}"}}`));
    await store.put(blobs);
    expect(await store.get(blobs.map(({ digest }) => digest))).toHaveLength(2_500);
  });
});
