import 'reflect-metadata';
import { openPlatform, readPlatformConfig } from '@flotilla/platform';
import { startProbeServer, startTelemetry } from '@flotilla/telemetry';
import { NestFactory } from '@nestjs/core';
import { readRegistryConfig } from './registry.config.js';
import { RegistryModule } from './registry.module.js';

const config = readRegistryConfig(process.env);
const telemetry = await startTelemetry({ service: 'registry', otlpEndpoint: process.env.OTEL_EXPORTER_OTLP_ENDPOINT });
const platform = await openPlatform(readPlatformConfig(process.env), { name: 'registry' });
const application = await NestFactory.createApplicationContext(RegistryModule.register(platform, config), { logger: false });
const registry = application.get(RegistryModule);
const probes = await startProbeServer({
  port: config.probePort,
  host: config.probeHost,
  metricsText: () => telemetry.metricsText(),
  notReady: () => registry.notReady(),
});
platform.logger.info('registry serves', { port: probes.port });

async function stop(): Promise<void> {
  await probes.stop();
  await application.close();
  await platform.close();
  await telemetry.stop();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
