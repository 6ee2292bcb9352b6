import { openPlatform, readPlatformConfig } from '@flotilla/platform';
import { startTelemetry } from '@flotilla/telemetry';
import { createEdge } from './edge/edge.module.js';
import { readGatewayConfig } from './gateway.config.js';
import { GatewayModule } from './gateway.module.js';

const telemetry = await startTelemetry({ service: 'gateway', otlpEndpoint: process.env.OTEL_EXPORTER_OTLP_ENDPOINT });
const platform = await openPlatform(readPlatformConfig(process.env), { name: 'gateway' });
const config = readGatewayConfig(process.env);
const application = await createEdge(
  GatewayModule.register(platform, config, {
    metrics: () => telemetry.metricsText(),
    keepPassword: (password) => console.log(`first start: user admin, password ${password}`),
  }),
  config.tls,
);
application.enableShutdownHooks();
await application.listen(config.httpsPort, config.host);
platform.logger.info('gateway serves', { port: config.httpsPort });
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void platform.close().then(() => telemetry.stop()));
}
