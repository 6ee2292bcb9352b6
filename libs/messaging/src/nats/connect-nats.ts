import { readFileSync } from 'node:fs';
import type { Logger } from '@flotilla/telemetry';
import { type ConnectionOptions, connect, jwtAuthenticator, type NatsConnection } from '@nats-io/transport-node';
import type { NatsCredential } from './nats-trust.js';
import { checkNatsVersion } from './nats-version.js';

export interface NatsAddress {
  /** `nats://host:port` or `tls://host:port` */
  servers: readonly string[];
  /** PEM file of the CA that signed the servers' certificates; given: TLS is required. */
  caFile?: string;
}

export interface ConnectNatsOptions {
  address: NatsAddress;
  credential: NatsCredential;
  /** Shown by the server's monitoring. */
  name: string;
  inboxPrefix: string;
  logger: Logger;
  /** Told after each reconnect. */
  onReconnect?: () => void;
}

const RECONNECT_WAIT_MS = 250;
/** Spreads the services of a fleet over the first seconds of a server that comes back. */
const RECONNECT_JITTER_MS = 1_000;

/** A connection that is up now and whatever happens comes back. */
export interface NatsLink {
  readonly connection: NatsConnection;
  readonly isConnected: () => boolean;
}

/** Connects, waiting for a server that is not there yet, and reconnects for ever. Warns about a server with known holes. */
export async function connectNats(options: ConnectNatsOptions): Promise<NatsLink> {
  const { address, credential, name, inboxPrefix, logger, onReconnect } = options;
  const settings: ConnectionOptions = {
    servers: [...address.servers],
    name,
    inboxPrefix,
    authenticator: jwtAuthenticator(credential.jwt, new TextEncoder().encode(credential.seed)),
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    reconnectJitter: RECONNECT_JITTER_MS,
    reconnectJitterTLS: RECONNECT_JITTER_MS,
    waitOnFirstConnect: true,
    // A server that lost its accounts refuses everybody until the registry pushes them again.
    ignoreAuthErrorAbort: true,
    pingInterval: 20_000,
    maxPingOut: 2,
    ...(address.caFile ? { tls: { ca: readFileSync(address.caFile, 'utf8') } } : {}),
  };
  const connection = await connect(settings);
  let isConnected = true;
  const warn = (): void => {
    const version = connection.info?.version ?? '';
    const warning = checkNatsVersion(version);
    if (warning) logger.warn('nats-server has published security holes', { version, reason: warning });
  };
  try {
    warn();
  } catch (error) {
    await connection.close();
    throw error;
  }
  void (async () => {
    for await (const status of connection.status()) {
      if (status.type === 'disconnect') {
        isConnected = false;
        logger.warn('lost the connection to nats', { name, server: status.server });
      } else if (status.type === 'reconnect') {
        isConnected = true;
        logger.info('connected to nats again', { name, server: status.server });
        onReconnect?.();
      } else if (status.type === 'error') {
        logger.warn('nats refused something', { name, error: status.error });
      } else if (status.type === 'slowConsumer') {
        logger.warn('messages wait to be read', { name, count: status.pending });
      }
    }
  })();
  return { connection, isConnected: () => isConnected && !connection.isClosed() };
}
