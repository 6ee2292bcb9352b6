import type { SchemaMigrations } from '@flotilla/persistence';
import { createBroker } from '../migrations/1763900000000-create-broker.js';

/** The service's own PostgreSQL schema; run by `migrate` of @flotilla/persistence before the service starts. */
export const brokerSchema: SchemaMigrations = { schema: 'broker', migrations: [createBroker] };
