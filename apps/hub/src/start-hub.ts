import { join } from 'node:path';
import { createEdge, GatewayService, readGatewayConfig } from '@flotilla/gateway';
import { systemClock } from '@flotilla/kernel';
import { loadOrCreateMasterKey, parseMasterKey } from '@flotilla/keyring';
import { openPlatform, readPlatformConfig } from '@flotilla/platform';
import { startTelemetry } from '@flotilla/telemetry';
import { openDataDirectory } from './data-directory.js';
import type { HubConfig } from './hub.config.js';
import { HubModule } from './hub.module.js';
import { ensureKubeconfig, type HubFacts, removeFacts, writeFacts, writePrivate } from './hub-files.js';
import { startInfrastructure } from './local-infrastructure.js';
import { ensureTls } from './tls-files.js';

const KUBECONFIG_LIFETIME_MS = 365 * 86_400_000;
/** Five services and their tailers share the pool. */
const DATABASE_CONNECTIONS = 40;

export interface RunningHub {
  facts: HubFacts;
  /** Set at the very first start only. */
  initialPassword: string | undefined;
  notes: string[];
  stop(): Promise<void>;
}

/** Starts everything one machine needs, in order, and stops what is running when a later part fails. */
export async function startHub(config: HubConfig, env: Readonly<Record<string, string | undefined>>): Promise<RunningHub> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const stopPart of stops.splice(0).toReversed()) await stopPart();
  };
  try {
    return await start(config, env, stops, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  config: HubConfig,
  env: Readonly<Record<string, string | undefined>>,
  stops: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<RunningHub> {
  const data = openDataDirectory(config.data);
  stops.push(async () => data.release());
  removeFacts(data);
  const tls = await ensureTls(data.tls, config.publicHosts, systemClock.now());
  const masterKey = env.FLOTILLA_MASTER_KEY
    ? parseMasterKey(env.FLOTILLA_MASTER_KEY, 'FLOTILLA_MASTER_KEY')
    : loadOrCreateMasterKey(join(data.keys, 'master.key'));
  const infrastructure = await startInfrastructure(config, data, masterKey, (what, exit) =>
    console.error(`flotilla: ${what} ended (${exit}); starting it again`),
  );
  stops.push(() => infrastructure.stop());
  const url = `https://${config.publicHosts[0]}:${config.httpsPort}`;
  const serviceEnv = environmentOf(config, env, { url, tls: data.tls, git: data.git, secrets: data.secrets, masterKey, ...infrastructure });
  const platformConfig = { ...readPlatformConfig(serviceEnv), databaseConnections: DATABASE_CONNECTIONS };
  const telemetry = await startTelemetry({ service: 'hub', otlpEndpoint: platformConfig.otlpEndpoint });
  stops.push(() => telemetry.stop());
  const platform = await openPlatform(platformConfig, { name: 'hub' });
  stops.push(() => platform.close());
  const gateway = readGatewayConfig(serviceEnv);
  const passwordFile = data.path('initial-admin-password');
  const application = await createEdge(
    HubModule.register(platform, serviceEnv, gateway, {
      metrics: () => telemetry.metricsText(),
      keepPassword: (password) => writePrivate(passwordFile, `${password}\n`),
    }),
    gateway.tls,
  );
  stops.push(() => application.close());
  await application.listen(config.httpsPort, config.host);

  const service = application.get(GatewayService, { strict: false });
  const facts: HubFacts = {
    pid: process.pid,
    url,
    grpc: `${config.publicHosts[0]}:${service.grpcPort}`,
    nats: infrastructure.natsUrl,
    kubeconfig: ensureKubeconfig(data, url, tls.authority.certificate, () => service.gateway.sessions.issue(KUBECONFIG_LIFETIME_MS).token),
    caFile: join(data.tls, 'ca.crt'),
    username: 'admin',
    passwordFile,
  };
  writeFacts(data, facts);
  stops.push(async () => removeFacts(data));
  return { facts, initialPassword: service.initialPassword, notes: infrastructure.notes, stop };
}

/** The variables the services read, as the hub fills them in; whatever the environment sets besides stays. */
function environmentOf(
  config: HubConfig,
  env: Readonly<Record<string, string | undefined>>,
  found: { url: string; tls: string; git: string; secrets: string; masterKey: Uint8Array; databaseUrl: string; natsUrl: string },
): Record<string, string> {
  const ca = join(found.tls, 'ca.crt');
  const ownNats = config.natsUrl === undefined;
  const set = {
    DATABASE_URL: found.databaseUrl,
    NATS_URL: found.natsUrl,
    FLOTILLA_MASTER_KEY: Buffer.from(found.masterKey).toString('base64'),
    FLOTILLA_FLEET: config.fleet,
    FLOTILLA_HOST: config.host,
    FLOTILLA_HTTPS_PORT: String(config.httpsPort),
    FLOTILLA_GRPC_PORT: String(config.grpcPort),
    FLOTILLA_TLS_CERT_FILE: join(found.tls, 'server.crt'),
    FLOTILLA_TLS_KEY_FILE: join(found.tls, 'server.key'),
    FLOTILLA_PUBLIC_URL: found.url,
    FLOTILLA_CA_FILE: ca,
    FLOTILLA_RENDERER_DIR: found.git,
    FLOTILLA_BROKER_SECRETS_DIR: env.FLOTILLA_BROKER_SECRETS_DIR ?? found.secrets,
    ...(ownNats
      ? {
          NATS_CA: ca,
          FLOTILLA_NATS_CA_FILE: ca,
          FLOTILLA_NATS_PUBLIC_URLS: env.FLOTILLA_NATS_PUBLIC_URLS ?? `tls://${config.publicHosts[0]}:${config.natsPort}`,
        }
      : {}),
  };
  const given = Object.fromEntries(Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
  return { ...given, ...set };
}
