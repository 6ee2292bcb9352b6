import type { SchemaMigrations } from '@flotilla/persistence';
import { createNotifier } from '../migrations/1763710000000-create-notifier.js';
import { orderOpenMessages } from '../migrations/1763710000001-order-open-messages.js';
import { dropDueIndex } from '../migrations/1763710000002-drop-due-index.js';

/** The service's own PostgreSQL schema; run by `migrate` of @flotilla/persistence before the service starts. */
export const notifierSchema: SchemaMigrations = { schema: 'notifier', migrations: [createNotifier, orderOpenMessages, dropDueIndex] };
