import type { SchemaMigrations } from '@flotilla/persistence';
import { createLoginFailures1760000000000 } from '../migrations/1760000000000-create-login-failures.js';

export const gatewaySchema: SchemaMigrations = { schema: 'gateway', migrations: [createLoginFailures1760000000000] };
