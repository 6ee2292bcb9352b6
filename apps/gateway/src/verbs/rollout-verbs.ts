import { planVerbReplySchema, rolloutReadReplySchema, rolloutVerbReplySchema } from '@flotilla/contracts';
import type { MessageBus } from '@flotilla/messaging';
import type { ResourceStore } from '@flotilla/resources';
import type { RestHandler } from '../rest/rest-dispatcher.js';
import { listDocuments } from './list-documents.js';
import { unwrap } from './unwrap.js';

const VERBS = ['approve', 'reject', 'pause', 'resume', 'abort', 'retry', 'rollback'] as const;
/** A plan may render many applications first. */
const PLAN_TIMEOUT_MS = 60_000;

/** Verbs on rollouts; the orchestrator decides and writes the ledger. */
export function rolloutVerbs(store: ResourceStore, bus: MessageBus): Record<string, RestHandler> {
  const verb =
    (name: (typeof VERBS)[number]): RestHandler =>
    async ({ parameters, body, user }) => {
      const { reason, release } = (body ?? {}) as { reason?: string; release?: string };
      const request = { namespace: parameters.namespace, name: parameters.name, actor: user?.name ?? '', reason, release };
      return unwrap(await bus.ask('orchestrator', name, request, { reply: rolloutVerbReplySchema }));
    };
  return {
    listRollouts: listDocuments(store, 'FleetRollout'),
    getRollout: async ({ parameters }) =>
      unwrap(
        await bus.ask(
          'orchestrator',
          'rollout',
          { namespace: parameters.namespace, name: parameters.name },
          { reply: rolloutReadReplySchema },
        ),
      ),
    planRollout: async ({ parameters }) =>
      unwrap(
        await bus.ask(
          'orchestrator',
          'plan',
          { kind: 'ApplicationSet', namespace: parameters.namespace, name: parameters.name },
          { reply: planVerbReplySchema, timeoutMs: PLAN_TIMEOUT_MS },
        ),
      ),
    ...Object.fromEntries(VERBS.map((name) => [`${name}Rollout`, verb(name)])),
  };
}
