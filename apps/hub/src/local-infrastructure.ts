import { join } from 'node:path';
import { createKeyring } from '@flotilla/keyring';
import { freePort, startLocalNats, startLocalPostgres } from '@flotilla/localserver';
import { NatsTrust, natsServerConfig } from '@flotilla/messaging';
import type { DataDirectory } from './data-directory.js';
import type { HubConfig } from './hub.config.js';

/** The servers the hub brings itself, and how the services reach them. */
export interface LocalInfrastructure {
  databaseUrl: string;
  natsUrl: string;
  /** Remarks for people: versions, what is for evaluation only. */
  notes: string[];
  stop(): Promise<void>;
}

/** Starts PostgreSQL and NATS unless the configuration names others. */
export async function startInfrastructure(
  config: HubConfig,
  data: DataDirectory,
  masterKey: Uint8Array,
  onCrash: (what: string, exit: string) => void,
): Promise<LocalInfrastructure> {
  const stops: (() => Promise<void>)[] = [];
  const notes: string[] = [];
  let { databaseUrl, natsUrl } = config;
  try {
    if (!databaseUrl) {
      const postgres = await startLocalPostgres({
        directory: data.root,
        runDirectory: data.run,
        port: await freePort(),
        onCrash: (exit) => onCrash('postgres', exit),
      });
      stops.push(() => postgres.stop());
      databaseUrl = postgres.url;
      notes.push(
        `PostgreSQL ${postgres.version}${postgres.isEmbedded ? ' (embedded binaries, for evaluation: install PostgreSQL or set DATABASE_URL for keeps)' : ''}`,
      );
    }
    if (!natsUrl) {
      const trust = new NatsTrust(createKeyring(masterKey));
      const tls = { certFile: join(data.tls, 'server.crt'), keyFile: join(data.tls, 'server.key') };
      const configuration = natsServerConfig({
        trust,
        host: config.host,
        port: config.natsPort,
        tls,
        storeDir: data.path('nats', 'accounts'),
      });
      const nats = await startLocalNats({
        directory: data.root,
        runDirectory: data.run,
        port: config.natsPort,
        configuration,
        onCrash: (exit) => onCrash('nats', exit),
      });
      stops.push(() => nats.stop());
      natsUrl = `tls://127.0.0.1:${config.natsPort}`;
      notes.push(`nats-server ${nats.version}`);
    }
  } catch (error) {
    for (const stop of stops) await stop();
    throw error;
  }
  return {
    databaseUrl,
    natsUrl,
    notes,
    stop: async () => {
      for (const stop of stops.toReversed()) await stop();
    },
  };
}
