import { runService } from '@flotilla/platform';
import { readExpanderConfig } from './expander.config.js';
import { ExpanderModule } from './expander.module.js';

const config = readExpanderConfig(process.env);
await runService({
  name: 'expander',
  env: process.env,
  probes: { host: config.probeHost, port: config.probePort },
  module: (platform) => ExpanderModule.register(platform, config),
  health: ExpanderModule,
});
