import type { SchemaMigrations } from '@flotilla/persistence';
import { createOrchestrator } from '../migrations/1760000000000-create-orchestrator.js';
import { createRolloutsAndStatus } from '../migrations/1760000000001-create-rollouts-and-status.js';
import { keepGitFaults } from '../migrations/1760000000002-keep-git-faults.js';
import { knowScopes } from '../migrations/1760000000003-know-scopes.js';
import { followEditsPruneHistory } from '../migrations/1760000000004-follow-edits-prune-history.js';
import { orderInputs } from '../migrations/1760000000005-order-inputs.js';
import { holdLocalRemovals } from '../migrations/1760000000006-hold-local-removals.js';
import { grantSecrets } from '../migrations/1760000000007-grant-secrets.js';
import { rollApplications } from '../migrations/1760000000008-roll-applications.js';
import { labelGrants } from '../migrations/1760000000009-label-grants.js';

/** The service's own PostgreSQL schema; run by `migrate` of @flotilla/persistence before the service starts. */
export const orchestratorSchema: SchemaMigrations = {
  schema: 'orchestrator',
  migrations: [
    createOrchestrator,
    createRolloutsAndStatus,
    keepGitFaults,
    knowScopes,
    followEditsPruneHistory,
    orderInputs,
    holdLocalRemovals,
    grantSecrets,
    rollApplications,
    labelGrants,
  ],
};
