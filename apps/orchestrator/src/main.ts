import { runService } from '@flotilla/platform';
import { readOrchestratorConfig } from './orchestrator.config.js';
import { OrchestratorModule } from './orchestrator.module.js';

const config = readOrchestratorConfig(process.env);
await runService({
  name: 'orchestrator',
  env: process.env,
  probes: { host: config.probeHost, port: config.probePort },
  module: (platform) => OrchestratorModule.register(platform, config),
  health: OrchestratorModule,
});
