import { type BlobStore, blobsMigrations, PgBlobStore } from '@flotilla/blobs';
import { type Clock, newUid, systemClock } from '@flotilla/kernel';
import { createKeyring, type MasterKeyring } from '@flotilla/keyring';
import { type HoldSingleton, NatsTrust } from '@flotilla/messaging';
import { type Database, holdLease, LeaseStore, leaseMigrations, migrate, openDatabase, type SchemaMigrations } from '@flotilla/persistence';
import { type ApplicationStatusWriter, PgApplicationStatusWriter, PgResourceStore, resourcesMigrations } from '@flotilla/resources';
import { createLogger, type Logger } from '@flotilla/telemetry';
import { keepHouse } from './keep-house.js';
import type { PlatformConfig } from './platform.config.js';

/** What the services of one process share: storage, keys, leases. Each service adds its own connections to NATS. */
export interface Platform {
  config: PlatformConfig;
  database: Database;
  store: PgResourceStore;
  statuses: ApplicationStatusWriter;
  blobs: BlobStore;
  keyring: MasterKeyring;
  trust: NatsTrust;
  leases: LeaseStore;
  holdSingleton: HoldSingleton;
  clock: Clock;
  logger: Logger;
  /** Hears after a commit which kinds moved; the connected services pass it on as a NATS hint. */
  onCommitted(listener: (kinds: readonly string[]) => void): () => void;
  close(): Promise<void>;
}

const LEASE_MS = 10_000;

/** Opens the database, brings the shared schemas up to date, and loads the keys. */
export async function openPlatform(config: PlatformConfig, options: { name: string; clock?: Clock }): Promise<Platform> {
  const { clock = systemClock } = options;
  const logger = createLogger({ service: options.name, level: config.logLevel });
  const database = openDatabase({
    url: config.databaseUrl,
    maxConnections: config.databaseConnections,
    applicationName: `flotilla-${options.name}`,
    onIdleError: (error) => logger.warn('a database connection broke off', { error }),
  });
  for (const migrations of [leaseMigrations, resourcesMigrations, blobsMigrations]) await migrate(database, migrations);
  const listeners = new Set<(kinds: readonly string[]) => void>();
  const store = new PgResourceStore({
    database,
    clock,
    onCommitted: (kinds) => {
      for (const listener of listeners) listener(kinds);
    },
  });
  const keyring = createKeyring(config.masterKey);
  const leases = new LeaseStore(database);
  const holdSingleton = singletons(leases, clock, logger);
  const housekeeping = keepHouse({ database, store, clock, logger, holdSingleton, listen: (listener) => listeners.add(listener) });
  return {
    config,
    database,
    store,
    statuses: new PgApplicationStatusWriter(database, (kinds) => store.committed(kinds)),
    blobs: new PgBlobStore(database, keyring),
    keyring,
    trust: new NatsTrust(keyring),
    leases,
    holdSingleton,
    clock,
    logger,
    onCommitted: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => {
      await housekeeping.stop();
      await store.close();
      await database.close();
    },
  };
}

/** Brings a service's own schema up to date. */
export function migrateService(platform: Platform, migrations: SchemaMigrations): Promise<void> {
  return migrate(platform.database, migrations);
}

function singletons(store: LeaseStore, clock: Clock, logger: Logger): HoldSingleton {
  const holder = newUid();
  return (name, signal, work) =>
    holdLease(
      {
        store,
        name,
        holder,
        ttlMs: LEASE_MS,
        clock,
        signal,
        onError: (error) => logger.warn('a lease could not be kept', { key: name, error }),
      },
      (_, held) => work(held),
    );
}
