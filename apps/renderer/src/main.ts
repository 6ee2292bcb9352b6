import 'reflect-metadata';
import { openPlatform, readPlatformConfig } from '@flotilla/platform';
import { startProbeServer, startTelemetry } from '@flotilla/telemetry';
import { NestFactory } from '@nestjs/core';
import { readRendererConfig } from './renderer.config.js';
import { RendererModule } from './renderer.module.js';

const config = readRendererConfig(process.env);
const telemetry = await startTelemetry({ service: 'renderer', otlpEndpoint: process.env.OTEL_EXPORTER_OTLP_ENDPOINT });
const platform = await openPlatform(readPlatformConfig(process.env), { name: 'renderer' });
const application = await NestFactory.createApplicationContext(RendererModule.register(platform, config), { logger: false });
const renderer = application.get(RendererModule);
const probes = await startProbeServer({
  port: config.probePort,
  host: config.probeHost,
  metricsText: () => telemetry.metricsText(),
  notReady: () => renderer.notReady(),
});
platform.logger.info('renderer serves', { port: probes.port });

async function stop(): Promise<void> {
  await probes.stop();
  await application.close();
  await platform.close();
  await telemetry.stop();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
