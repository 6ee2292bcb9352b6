import 'reflect-metadata';
import { openPlatform, readPlatformConfig } from '@flotilla/platform';
import { startProbeServer, startTelemetry } from '@flotilla/telemetry';
import { NestFactory } from '@nestjs/core';
import { readOrchestratorConfig } from './orchestrator.config.js';
import { OrchestratorModule } from './orchestrator.module.js';

const config = readOrchestratorConfig(process.env);
const telemetry = await startTelemetry({ service: 'orchestrator', otlpEndpoint: process.env.OTEL_EXPORTER_OTLP_ENDPOINT });
const platform = await openPlatform(readPlatformConfig(process.env), { name: 'orchestrator' });
const application = await NestFactory.createApplicationContext(OrchestratorModule.register(platform, config), { logger: false });
const orchestrator = application.get(OrchestratorModule);
const probes = await startProbeServer({
  port: config.probePort,
  host: config.probeHost,
  metricsText: () => telemetry.metricsText(),
  notReady: () => orchestrator.notReady(),
});
platform.logger.info('orchestrator serves', { port: probes.port });

async function stop(): Promise<void> {
  await probes.stop();
  await application.close();
  await platform.close();
  await telemetry.stop();
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop());
