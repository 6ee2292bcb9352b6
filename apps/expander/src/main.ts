import 'reflect-metadata';
import { openPlatform, readPlatformConfig } from '@flotilla/platform';
import { startProbeServer, startTelemetry } from '@flotilla/telemetry';
import { NestFactory } from '@nestjs/core';
import { readExpanderConfig } from './expander.config.js';
import { ExpanderModule } from './expander.module.js';

const config = readExpanderConfig(process.env);
const telemetry = await startTelemetry({ service: 'expander', otlpEndpoint: process.env.OTEL_EXPORTER_OTLP_ENDPOINT });
const platform = await openPlatform(readPlatformConfig(process.env), { name: 'expander' });
const application = await NestFactory.createApplicationContext(ExpanderModule.register(platform, config), { logger: false });
const expander = application.get(ExpanderModule);
const probes = await startProbeServer({
  port: config.probePort,
  host: config.probeHost,
  metricsText: () => telemetry.metricsText(),
  notReady: () => expander.notReady(),
});
platform.logger.info('expander serves', { port: probes.port });

async function stop(): Promise<void> {
  await probes.stop();
  await application.close();
  await platform.close();
  await telemetry.stop();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
