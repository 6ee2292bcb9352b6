import { type Environment, readConfig } from '@flotilla/config';
import { z } from 'zod';

/** Variables of the orchestrator. */
export const orchestratorConfigSchema = z.object({
  unitConcurrency: z.coerce.number().int().min(1).max(32).default(2).meta({ description: 'Releases prepared side by side by one copy' }),
  probeHost: z.string().default('127.0.0.1').meta({ description: 'Address of /healthz, /readyz and /metrics' }),
  probePort: z.coerce.number().int().min(0).max(65_535).default(9094).meta({ description: 'Their port; 0 for any free one' }),
});

export type OrchestratorConfig = Readonly<z.output<typeof orchestratorConfigSchema>>;

export function readOrchestratorConfig(env: Environment): OrchestratorConfig {
  return readConfig(orchestratorConfigSchema, env);
}
