import { runService } from '@flotilla/platform';
import { readRegistryConfig } from './registry.config.js';
import { RegistryModule } from './registry.module.js';

const config = readRegistryConfig(process.env);
await runService({
  name: 'registry',
  env: process.env,
  probes: { host: config.probeHost, port: config.probePort },
  module: (platform) => RegistryModule.register(platform, config),
  health: RegistryModule,
});
