import { runService } from '@flotilla/platform';
import { readRendererConfig } from './renderer.config.js';
import { RendererModule } from './renderer.module.js';

const config = readRendererConfig(process.env);
await runService({
  name: 'renderer',
  env: process.env,
  probes: { host: config.probeHost, port: config.probePort },
  module: (platform) => RendererModule.register(platform, config),
  health: RendererModule,
});
