import { InvalidInputError } from '@flotilla/kernel';
import type { NatsTrust } from './nats-trust.js';

export interface NatsServerConfigOptions {
  trust: Pick<NatsTrust, 'operatorJwt' | 'preloadedAccounts' | 'systemAccount'>;
  port: number;
  /** Default loopback. */
  host?: string;
  /** Where pushed account JWTs are kept. Without it the server takes no pushes, so nothing can be revoked: for tests only. */
  storeDir?: string;
  tls?: { certFile: string; keyFile: string };
  /** Loopback port of the monitoring endpoint; off by default. */
  monitoringPort?: number;
  /** An opt-in `wss` listener where only 443 leaves; never without TLS. */
  websocketPort?: number;
  pidFile?: string;
  serverName?: string;
}

const MAX_PAYLOAD_BYTES = 1024 * 1024;
const MAX_CONNECTIONS = 30_000;
const MAX_PENDING_BYTES = 16 * 1024 * 1024;

/** The whole configuration of a nats-server for one fleet: three accounts with explicit limits, no JetStream, no clear websocket. */
export function natsServerConfig(options: NatsServerConfigOptions): string {
  const { trust, port, host = '127.0.0.1', storeDir, tls, monitoringPort, websocketPort, pidFile, serverName = 'flotilla' } = options;
  if (websocketPort !== undefined && !tls) throw new InvalidInputError('a websocket listener needs tls: give certFile and keyFile');
  const accounts = Object.entries(trust.preloadedAccounts()).map(([key, jwt]) => `  ${key}: ${jwt}`);
  const resolver = storeDir
    ? `resolver { type: full, dir: ${quoted(storeDir)}, allow_delete: false, interval: "2m", timeout: "1s" }`
    : 'resolver: MEMORY';
  const certificate = tls ? `cert_file: ${quoted(tls.certFile)}, key_file: ${quoted(tls.keyFile)}, timeout: 5` : '';
  return `${[
    `server_name: ${quoted(serverName)}`,
    `listen: ${quoted(`${host}:${port}`)}`,
    `max_payload: ${MAX_PAYLOAD_BYTES}`,
    `max_connections: ${MAX_CONNECTIONS}`,
    // A spoke that cannot take what is sent to it loses its connection, not the server its memory.
    `max_pending: ${MAX_PENDING_BYTES}`,
    'write_deadline: "10s"',
    'ping_interval: "20s"',
    'ping_max: 2',
    ...(tls ? [`tls { ${certificate} }`] : []),
    ...(monitoringPort === undefined ? [] : [`http: "127.0.0.1:${monitoringPort}"`]),
    ...(websocketPort === undefined ? [] : [`websocket { listen: ${quoted(`${host}:${websocketPort}`)}, tls { ${certificate} } }`]),
    ...(pidFile ? [`pid_file: ${quoted(pidFile)}`] : []),
    `operator: ${trust.operatorJwt()}`,
    `system_account: ${trust.systemAccount}`,
    resolver,
    `resolver_preload {\n${accounts.join('\n')}\n}`,
  ].join('\n')}\n`;
}

/** NATS reads backslash escapes in double quotes; a line break would start a new setting. */
function quoted(text: string): string {
  if (/[\r\n]/.test(text)) throw new InvalidInputError(`${JSON.stringify(text)} has a line break, which a nats-server setting cannot hold`);
  return `"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
}
