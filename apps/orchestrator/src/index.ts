export { createOrchestrator, type OrchestratorPorts, type OrchestratorUses } from './create-orchestrator.js';
export { type OrchestratorConfig, orchestratorConfigSchema, readOrchestratorConfig } from './orchestrator.config.js';
export { type Orchestrator, OrchestratorModule, startOrchestrator } from './orchestrator.module.js';
export { orchestratorSchema } from './orchestrator.schema.js';
export { orchestratorRoutes } from './routes.js';
