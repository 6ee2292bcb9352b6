import { runService } from '@flotilla/platform';
import { readNotifierConfig } from './notifier.config.js';
import { NotifierModule } from './notifier.module.js';

const config = readNotifierConfig(process.env);
await runService({
  name: 'notifier',
  env: process.env,
  probes: { host: config.probeHost, port: config.probePort },
  module: (platform) => NotifierModule.register(platform, config),
  health: NotifierModule,
});
