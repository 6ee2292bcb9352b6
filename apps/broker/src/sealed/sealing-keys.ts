import { createPrivateKey, generateKeyPair, type KeyObject, X509Certificate } from 'node:crypto';
import { promisify } from 'node:util';
import type { Clock } from '@flotilla/kernel';
import type { Keyring } from '@flotilla/keyring';
import type { Database, SqlRunner } from '@flotilla/persistence';
import { certificateDigest, selfSignedSealingCertificate } from '@flotilla/tls';

/** A key pair that SealedSecrets are sealed to. */
export interface SealingKey {
  id: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
  /** PEM; what kubeseal fetches. */
  certificate: string;
  createdAt: number;
}

/** As the real controller does by default (`--key-renew-period`): older keys stay and open what was sealed to them. */
const RENEW_MS = 30 * 86_400_000;
const RSA_BITS = 4096;
/** How long the list of keys is trusted: a key that another copy made is used after this at the latest. */
const KEEP_MS = 5_000;

/** The keys of SealedSecrets: the newest seals, all open. Private keys rest in PostgreSQL, wrapped by the master key. */
export class SealingKeys {
  readonly #database: Database;
  readonly #keyring: Keyring;
  readonly #clock: Clock;
  readonly #bits: number;
  #known: { keys: readonly SealingKey[]; at: number } | undefined;

  /** @param bits for tests, which have no time for long keys */
  constructor(database: Database, keyring: Keyring, clock: Clock, bits: number = RSA_BITS) {
    this.#database = database;
    this.#keyring = keyring;
    this.#clock = clock;
    this.#bits = bits;
  }

  /** All keys, the newest first; the first one is made when there is none. */
  async all(): Promise<readonly SealingKey[]> {
    const now = this.#clock.now();
    if (this.#known && now - this.#known.at < KEEP_MS) return this.#known.keys;
    const rows = await this.#read(this.#database);
    const keys = rows.length > 0 ? rows : await this.#add();
    this.#known = { keys, at: now };
    return keys;
  }

  /** Makes a new key when the newest is older than 30 days; whether it did. */
  async renew(): Promise<boolean> {
    const [newest] = await this.all();
    if (newest && this.#clock.now() - newest.createdAt < RENEW_MS) return false;
    this.#known = { keys: await this.#add(), at: this.#clock.now() };
    return true;
  }

  /** Copies that start together make one key: they take turns by an advisory lock, and the second finds the first one's. */
  #add(): Promise<readonly SealingKey[]> {
    return this.#database.transaction(async (tx) => {
      await tx.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', ['flotilla:broker:sealing-keys']);
      const existing = await this.#read(tx);
      const now = this.#clock.now();
      if (existing[0] && now - existing[0].createdAt < RENEW_MS) return existing;
      const pem = await generateRsa(this.#bits);
      const certificate = await selfSignedSealingCertificate(pem, now);
      const id = certificateDigest(certificate);
      const sealed = this.#keyring.seal(Buffer.from(pem), contextOf(id));
      await tx.query('INSERT INTO broker.sealing_keys (id, sealed_key, certificate, created_at) VALUES ($1, $2, $3, $4)', [
        id,
        sealed,
        certificate,
        new Date(now),
      ]);
      return [keyOf(id, pem, certificate, now), ...existing];
    });
  }

  async #read(runner: SqlRunner): Promise<SealingKey[]> {
    const rows = await runner.query<{ id: string; sealed_key: string; certificate: string; created_at: Date }>(
      'SELECT id, sealed_key, certificate, created_at FROM broker.sealing_keys ORDER BY created_at DESC, id',
    );
    const known = new Map(this.#known?.keys.map((key) => [key.id, key]));
    return rows.map((row) => {
      const opened = known.get(row.id);
      if (opened) return opened;
      const pem = Buffer.from(this.#keyring.open(row.sealed_key, contextOf(row.id)));
      try {
        return keyOf(row.id, pem.toString(), row.certificate, row.created_at.getTime());
      } finally {
        pem.fill(0);
      }
    });
  }
}

const contextOf = (id: string) => ({ purpose: 'sealing-key', id });

function keyOf(id: string, pem: string, certificate: string, createdAt: number): SealingKey {
  return {
    id,
    privateKey: createPrivateKey(pem),
    publicKey: new X509Certificate(certificate).publicKey,
    certificate,
    createdAt,
  };
}

async function generateRsa(modulusLength: number): Promise<string> {
  const { privateKey } = await promisify(generateKeyPair)('rsa', {
    modulusLength,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return privateKey;
}
