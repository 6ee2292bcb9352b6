import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import type { Logger } from '@flotilla/telemetry';
import { type ConnectionOptions, connect, jwtAuthenticator, type NatsConnection, type TlsOptions } from '@nats-io/transport-node';
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
  /** Gives up waiting for the first connection; rejects with its reason. */
  signal?: AbortSignal;
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
  const { address, credential, name, inboxPrefix, logger, onReconnect, signal } = options;
  const settings: ConnectionOptions = {
    servers: [...address.servers],
    name,
    inboxPrefix,
    authenticator: jwtAuthenticator(credential.jwt, new TextEncoder().encode(credential.seed)),
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_WAIT_MS,
    reconnectJitter: RECONNECT_JITTER_MS,
    reconnectJitterTLS: RECONNECT_JITTER_MS,
    // A server that lost its accounts refuses everybody until the registry pushes them again.
    ignoreAuthErrorAbort: true,
    pingInterval: 20_000,
    // Errors with their stacks would be made ahead of every request; the one that is thrown names service and verb.
    noAsyncTraces: true,
    maxPingOut: 2,
    ...(address.caFile ? { tls: tlsOptions(address.servers, address.caFile) } : {}),
  };
  const connection = await firstConnect(settings, name, logger, signal);
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

/** Tries until a server takes the connection, saying each time why none did. */
async function firstConnect(settings: ConnectionOptions, name: string, logger: Logger, signal?: AbortSignal): Promise<NatsConnection> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await connect(settings);
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      logger.warn('cannot connect to nats yet', { name, attempt, error });
      await delay(RECONNECT_WAIT_MS + Math.random() * RECONNECT_JITTER_MS, undefined, { signal });
    }
  }
}

/**
 * The client checks a server at an IP address against the name `localhost`, because it gives TLS no host there; so the
 * certificate is checked here, against the hosts that were configured.
 */
function tlsOptions(servers: readonly string[], caFile: string): TlsOptions {
  const hosts = servers.map((server) => new URL(server).hostname.replace(/^\[|\]$/g, ''));
  const options = {
    ca: readFileSync(caFile, 'utf8'),
    checkServerIdentity: (_name: string, certificate: PeerCertificate): Error | undefined => {
      const errors = hosts.map((host) => checkServerIdentity(host, certificate));
      return errors.includes(undefined) ? undefined : errors[0];
    },
  };
  return options;
}
