import type { MessageBus } from '@flotilla/messaging';
import type { ResourceStore } from '@flotilla/resources';
import type { RestHandler } from '../rest/rest-dispatcher.js';
import { getDocument, listDocuments } from './list-documents.js';
import { unwrap } from './unwrap.js';

/** Generators may have to wait for Git. */
const GENERATE_TIMEOUT_MS = 60_000;

/** Verbs on application sets; the expander answers. */
export function setVerbs(store: ResourceStore, bus: MessageBus): Record<string, RestHandler> {
  return {
    listApplicationSets: listDocuments(store, 'ApplicationSet'),
    getApplicationSet: getDocument(store, 'ApplicationSet'),
    generateApplicationSet: async ({ body }) =>
      unwrap(await bus.ask<object>('expander', 'generate', body, { timeoutMs: GENERATE_TIMEOUT_MS })),
    generateStoredSet: async ({ parameters }) =>
      unwrap(
        await bus.ask<object>(
          'expander',
          'generate',
          { namespace: parameters.namespace, name: parameters.name },
          { timeoutMs: GENERATE_TIMEOUT_MS },
        ),
      ),
    confirmDeletes: async ({ parameters, body, user }) => {
      const { names } = body as { names: string[] };
      return unwrap(
        await bus.ask<object>('expander', 'confirm-deletes', {
          namespace: parameters.namespace,
          name: parameters.name,
          names,
          actor: user?.name ?? '',
        }),
      );
    },
  };
}
