import type { SchemaMigrations } from '@flotilla/persistence';
import { createOrchestrator } from '../migrations/1760000000000-create-orchestrator.js';
import { createRolloutsAndStatus } from '../migrations/1760000000001-create-rollouts-and-status.js';
import { keepGitFaults } from '../migrations/1760000000002-keep-git-faults.js';

/** The service's own PostgreSQL schema; run by `migrate` of @flotilla/persistence before the service starts. */
export const orchestratorSchema: SchemaMigrations = {
  schema: 'orchestrator',
  migrations: [createOrchestrator, createRolloutsAndStatus, keepGitFaults],
};
