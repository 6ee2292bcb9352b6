import { runService } from '@flotilla/platform';
import { createEdge } from './edge/edge.module.js';
import { readGatewayConfig } from './gateway.config.js';
import { GatewayModule } from './gateway.module.js';
import { GatewayService } from './gateway-service.js';

const config = readGatewayConfig(process.env);
await runService({
  name: 'gateway',
  env: process.env,
  probes: { host: config.probeHost, port: config.probePort },
  module: (platform, metrics) =>
    GatewayModule.register(platform, config, {
      metrics,
      keepPassword: (password) => console.log(`first start: user admin, password ${password}`),
    }),
  open: async (module) => {
    const application = await createEdge(module, config.tls);
    await application.listen(config.httpsPort, config.host);
    return application;
  },
  health: GatewayService,
});
