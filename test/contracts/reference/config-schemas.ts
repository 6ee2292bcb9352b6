import { agentConfigSchema } from '../../../apps/agent/src/agent.config.js';
import { brokerConfigSchema } from '../../../apps/broker/src/broker.config.js';
import { expanderConfigSchema } from '../../../apps/expander/src/expander.config.js';
import { gatewayConfigSchema } from '../../../apps/gateway/src/gateway.config.js';
import { hubConfigSchema } from '../../../apps/hub/src/hub.config.js';
import { notifierConfigSchema } from '../../../apps/notifier/src/notifier.config.js';
import { orchestratorConfigSchema } from '../../../apps/orchestrator/src/orchestrator.config.js';
import { registryConfigSchema } from '../../../apps/registry/src/registry.config.js';
import { rendererConfigSchema } from '../../../apps/renderer/src/renderer.config.js';
import { platformConfigSchema } from '../../../libs/platform/src/platform.config.js';

/** Every schema of environment variables, with the file that holds it. */
export const CONFIG_SCHEMAS = {
  hub: { file: 'apps/hub/src/hub.config.ts', schema: hubConfigSchema },
  platform: { file: 'libs/platform/src/platform.config.ts', schema: platformConfigSchema },
  gateway: { file: 'apps/gateway/src/gateway.config.ts', schema: gatewayConfigSchema },
  registry: { file: 'apps/registry/src/registry.config.ts', schema: registryConfigSchema },
  expander: { file: 'apps/expander/src/expander.config.ts', schema: expanderConfigSchema },
  renderer: { file: 'apps/renderer/src/renderer.config.ts', schema: rendererConfigSchema },
  orchestrator: { file: 'apps/orchestrator/src/orchestrator.config.ts', schema: orchestratorConfigSchema },
  notifier: { file: 'apps/notifier/src/notifier.config.ts', schema: notifierConfigSchema },
  broker: { file: 'apps/broker/src/broker.config.ts', schema: brokerConfigSchema },
  agent: { file: 'apps/agent/src/agent.config.ts', schema: agentConfigSchema },
} as const;

export type ConfigSchemaName = keyof typeof CONFIG_SCHEMAS;
