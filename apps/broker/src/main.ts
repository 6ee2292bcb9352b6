import { runService } from '@flotilla/platform';
import { readBrokerConfig } from './broker.config.js';
import { BrokerModule } from './broker.module.js';

const config = readBrokerConfig(process.env);
await runService({
  name: 'broker',
  env: process.env,
  probes: { host: config.probeHost, port: config.probePort },
  module: (platform) => BrokerModule.register(platform, config),
  health: BrokerModule,
});
